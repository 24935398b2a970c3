#include "tests/bench/wide_loop.h"

#include <librdkafka/rdkafka.h>

#include <string>
#include <utility>

#include "kafka/client.h"
#include "kafka/events.h"
#include "kafka/topic_reader.h"
#include "kafka/transactional_producer.h"
#include "schemas/topics.h"

namespace sluice::bench {
namespace {

constexpr std::chrono::milliseconds kTimeout{10'000};
constexpr std::chrono::milliseconds kGather{5};  // the ledger's

Result<void> outcome(const char* what, rd_kafka_error_t* error) {
  if (error == nullptr) return {};
  Error told = Error::fatal(kafka::describe(what, rd_kafka_error_code(error), rd_kafka_error_string(error)));
  rd_kafka_error_destroy(error);
  return told;
}

// As kafka::TransactionalProducer, with its settings, for several partitions.
class WideProducer {
 public:
  static Result<WideProducer> open(const BareLoopSettings& settings) {
    kafka::Configuration configuration(settings.client);
    kafka::configure(configuration, {.transactional_id = "limit-wide", .topic = kLimitTopic});
    auto client = configuration.start(RD_KAFKA_PRODUCER);
    if (!client) return client.error();
    kafka::TopicHandle topic(rd_kafka_topic_new(client->get(), kLimitTopic, nullptr));
    if (auto begun = outcome("init", rd_kafka_init_transactions(client->get(), kafka::to_int(kTimeout))); !begun)
      return begun.error();
    if (auto known = kafka::count_partitions(client->get(), kLimitTopic, kTimeout); !known) return known.error();
    return WideProducer(std::move(*client), std::move(topic));
  }

  Result<void> write(std::span<const kafka::Message> messages, const std::string& key, const std::string& record) {
    if (auto begun = outcome("begin", rd_kafka_begin_transaction(client_.get())); !begun) return begun;
    for (const kafka::Message& message : messages) {
      if (rd_kafka_produce(topic_.get(), message.partition, RD_KAFKA_MSG_F_COPY, const_cast<char*>(record.data()),
                           record.size(), key.data(), key.size(), nullptr) != 0)
        return Error::fatal(kafka::describe("produce", rd_kafka_last_error()));
    }
    if (const auto code = rd_kafka_flush(client_.get(), kafka::to_int(kTimeout)); code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return Error::fatal(kafka::describe("flush", code));
    return outcome("commit", rd_kafka_commit_transaction(client_.get(), kafka::to_int(kTimeout)));
  }

 private:
  WideProducer(kafka::ClientHandle client, kafka::TopicHandle topic) : client_(std::move(client)), topic_(std::move(topic)) {}

  kafka::ClientHandle client_;
  kafka::TopicHandle topic_;
};

}  // namespace

Result<void> drain_at_once(const BareLoopSettings& settings, int partitions, const std::function<void()>& ready) {
  auto producer = WideProducer::open(settings);
  if (!producer) return producer.error();
  const auto reader = kafka::TopicReader::open(
      settings.client, {.topic = std::string(kIntentsTopic), .isolation = kafka::Isolation::kReadUncommitted});
  if (!reader) return reader.error();
  std::int64_t backlog = 0;
  for (int partition = 0; partition < partitions; ++partition) {
    const auto bounds = (*reader)->bounds(partition, kTimeout);
    if (!bounds) return bounds.error();
    backlog += bounds->high;
    if (auto started = (*reader)->start_at(partition, 0); !started) return started;
  }
  ready();
  const std::string record(static_cast<std::size_t>(settings.record_bytes), 'x');
  while (backlog > 0) {
    const auto batch = (*reader)->poll(static_cast<std::size_t>(settings.batch_intents_max), kTimeout, kGather);
    if (!batch) return batch.error();
    if (batch->messages.empty() && batch->ends.empty()) return Error::fatal("the rest of the intents did not come");
    if (batch->messages.empty()) continue;
    if (auto written = (*producer).write(batch->messages, settings.key, record); !written) return written;
    backlog -= std::ssize(batch->messages);
  }
  return {};
}

}  // namespace sluice::bench
