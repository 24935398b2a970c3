package sluice.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Options;

/**
 * Drains a topic of purchases exactly once, with RocksDB stores that are logged to Kafka, and prints one line of JSON.
 *
 * <p>Arguments: brokers, application id, topic of intents, topic of orders, state directory, number of intents, threads, how many
 * of the intents warm up. How fast it was is told by the broker's clock, from the records (bench_kafka census).
 */
public final class StreamsPeer {
  private StreamsPeer() {}

  /** Few, large memtables: what is written is mostly new keys. */
  public static final class Tuning implements RocksDBConfigSetter {
    private static final long MEMTABLE_BYTES = 64L << 20;
    private static final int MEMTABLES = 3;

    @Override
    public void setConfig(String store, Options options, Map<String, Object> configs) {
      options.setWriteBufferSize(MEMTABLE_BYTES);
      options.setMaxWriteBufferNumber(MEMTABLES);
      BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
      table.setFilterPolicy(new org.rocksdb.BloomFilter());
      options.setTableFormatConfig(table);
    }

    @Override
    public void close(String store, Options options) {}
  }

  public static void main(String[] arguments) throws Exception {
    String intents = arguments[2];
    String orders = arguments[3];
    Progress progress = new Progress(Long.parseLong(arguments[7]), Long.parseLong(arguments[5]));
    KafkaStreams streams = new KafkaStreams(topology(intents, orders, progress), settings(arguments));
    streams.setUncaughtExceptionHandler(error -> {
      error.printStackTrace();
      Runtime.getRuntime().halt(1);
      return null;
    });
    streams.start();
    progress.await();
    streams.close(Duration.ofMinutes(1)); // commits what is left
    System.out.printf("{\"cpu_seconds\": %.3f, \"peak_kib\": %d}%n", progress.cpuSecondsCounted(), peakKib());
  }

  private static Topology topology(String intents, String orders, Progress progress) {
    Topology topology = new Topology();
    topology.addSource("intents", new ByteArrayDeserializer(), new ByteArrayDeserializer(), intents);
    topology.addProcessor("ledger", () -> new Ruling(progress), "intents");
    for (String store : new String[] {Ruling.STOCK, Ruling.ORDERS, Ruling.REQUESTS, Ruling.LIMITS}) {
      topology.addStateStore(store(store), "ledger");
    }
    topology.addSink("orders", orders, new ByteArraySerializer(), new ByteArraySerializer(), "ledger");
    return topology;
  }

  /**
   * Only the stock line is written again and again: its cache makes that one write a commit, to RocksDB and to its topic. The other
   * stores see new keys, which a cache would only hold up: with it they took about twice the CPU.
   */
  private static StoreBuilder<?> store(String name) {
    var store = Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), Serdes.ByteArray(), Serdes.ByteArray());
    return name.equals(Ruling.STOCK) ? store.withCachingEnabled() : store.withCachingDisabled();
  }

  private static Properties settings(String[] arguments) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments[1]);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments[4]);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, Integer.parseInt(arguments[6]));
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    // Its default is 100. Fewer and larger transactions halve what the broker does; that verdicts take longer is not counted here.
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 500);
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 16L << 20);
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, Tuning.class);
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    // Large fetches, and enough of them at hand that a task never waits for the next.
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 10_000);
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 4 << 20);
    settings.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 20_000);
    // An intent becomes a record of orders and three of the stores' topics: in requests as large as the ledger's.
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 1_000_000);
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 20);
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 128L << 20);
    return settings;
  }

  private static long peakKib() throws Exception {
    return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("VmHWM"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElseThrow();
  }
}
