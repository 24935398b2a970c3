package sluice.bench;

import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import sluice.v1.IntentOuterClass.DefineSale;
import sluice.v1.IntentOuterClass.Intent;
import sluice.v1.IntentOuterClass.Purchase;
import sluice.v1.OrderRecordOuterClass.Change;
import sluice.v1.OrderRecordOuterClass.Counters;
import sluice.v1.OrderRecordOuterClass.Order;
import sluice.v1.OrderRecordOuterClass.OrderRecord;
import sluice.v1.OrderRecordOuterClass.OrderStatus;
import sluice.v1.OrderRecordOuterClass.Outcome;
import sluice.v1.OrderRecordOuterClass.Reason;
import sluice.v1.OrderRecordOuterClass.Unchanged;
import sluice.v1.OrderRecordOuterClass.Verdict;

/** What the ledger does with a purchase: request key, limit and stock, an order, and a record of it. */
final class Ruling implements Processor<byte[], byte[], byte[], byte[]> {
  static final String STOCK = "stock";
  static final String ORDERS = "orders-by-id";
  static final String REQUESTS = "request-keys";
  static final String LIMITS = "limits";

  private final Progress progress;
  private ProcessorContext<byte[], byte[]> context;
  private KeyValueStore<byte[], byte[]> stock;
  private KeyValueStore<byte[], byte[]> orders;
  private KeyValueStore<byte[], byte[]> requests;
  private KeyValueStore<byte[], byte[]> limits;

  Ruling(Progress progress) {
    this.progress = progress;
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> given) {
    context = given;
    stock = given.getStateStore(STOCK);
    orders = given.getStateStore(ORDERS);
    requests = given.getStateStore(REQUESTS);
    limits = given.getStateStore(LIMITS);
  }

  @Override
  public void process(Record<byte[], byte[]> message) {
    try {
      Intent intent = Intent.parseFrom(message.value());
      long offset = context.recordMetadata().orElseThrow().offset();
      OrderRecord.Builder record = OrderRecord.newBuilder().setFirstOffset(offset).setLastOffset(offset)
          .setLogTimeMs(message.timestamp()).setRulesVersion(1);
      if (intent.hasDefineSale()) {
        define(intent.getDefineSale());
      } else {
        rule(intent.getPurchase(), message.key(), offset, record);
        context.forward(message.withValue(record.build().toByteArray()));
      }
      progress.ruled();
    } catch (InvalidProtocolBufferException error) {
      throw new IllegalStateException(error);
    }
  }

  private void define(DefineSale sale) {
    long units = sale.getSlotsList().stream().mapToLong(slot -> slot.getQuantity()).sum();
    Counters counters = Counters.newBuilder().setSaleId(sale.getSaleId()).setDefined(units).setAvailable(units).build();
    stock.put(sale.getSku().getBytes(StandardCharsets.UTF_8), counters.toByteArray());
    stock.put(termsKey(sale.getSku()), sale.toByteArray());
  }

  private void rule(Purchase purchase, byte[] sku, long offset, OrderRecord.Builder record)
      throws InvalidProtocolBufferException {
    byte[] request = Fingerprint.of(purchase.getUser(), purchase.getSku(), purchase.getRequestKey());
    byte[] first = requests.get(request);
    if (first != null) {
      refuse(record, Verdict.newBuilder().setOutcome(Outcome.DUPLICATE).setDuplicateOf(ByteBuffer.wrap(first).getLong()));
      return;
    }
    DefineSale terms = DefineSale.parseFrom(stock.get(termsKey(purchase.getSku())));
    Counters counters = Counters.parseFrom(stock.get(sku));
    byte[] user = Fingerprint.of(purchase.getUser(), purchase.getSku());
    byte[] held = limits.get(user);
    int units = purchase.getQuantity() + (held == null ? 0 : ByteBuffer.wrap(held).getInt());
    if (units > terms.getLimitPerUser() || counters.getAvailable() < purchase.getQuantity()) {
      Reason reason = counters.getAvailable() < purchase.getQuantity() ? Reason.SOLD_OUT : Reason.LIMIT_REACHED;
      requests.put(request, ByteBuffer.allocate(Long.BYTES).putLong(offset).array());
      refuse(record, Verdict.newBuilder().setOutcome(Outcome.REFUSED).setReason(reason));
      return;
    }
    Counters after = counters.toBuilder().setAvailable(counters.getAvailable() - purchase.getQuantity())
        .setHeld(counters.getHeld() + purchase.getQuantity()).build();
    long id = ((long) context.taskId().partition() << 52) | (1L << 44) | offset;
    Order order = Order.newBuilder().setId(id).setSku(purchase.getSku()).setSaleId(terms.getSaleId())
        .setUser(purchase.getUser()).setQuantity(purchase.getQuantity())
        .setAmountMinor(terms.getPriceMinor() * purchase.getQuantity()).setCurrency(terms.getCurrency())
        .setStatus(OrderStatus.HELD).setCreatedMs(record.getLogTimeMs())
        .setDeadlineMs(record.getLogTimeMs() + 1000L * terms.getHoldSeconds()).setHoldSeconds(terms.getHoldSeconds())
        .setKeyHigh(ByteBuffer.wrap(request).getLong()).setKeyLow(ByteBuffer.wrap(request).getLong(Long.BYTES)).build();
    byte[] key = ByteBuffer.allocate(Long.BYTES).putLong(id).array();
    stock.put(sku, after.toByteArray());
    limits.put(user, ByteBuffer.allocate(Integer.BYTES).putInt(units).array());
    requests.put(request, key);
    orders.put(key, order.toByteArray());
    record.setChange(Change.newBuilder().setSku(purchase.getSku()).setCounters(after).addOrders(order)
        .setVerdict(Verdict.newBuilder().setOutcome(Outcome.ACCEPTED)));
  }

  private static void refuse(OrderRecord.Builder record, Verdict.Builder verdict) {
    record.setUnchanged(Unchanged.newBuilder().addVerdicts(verdict));
  }

  private static byte[] termsKey(String sku) {
    return ("terms:" + sku).getBytes(StandardCharsets.UTF_8);
  }
}
