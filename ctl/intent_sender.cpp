#include "ctl/intent_sender.h"

#include <fmt/format.h>

#include <utility>

#include "ctl/verdict_text.h"
#include "schemas/intent_format.h"
#include "schemas/partitioner.h"
#include "schemas/topics.h"

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kBatchMessages = 1000;

milliseconds left_until(Clock::time_point deadline) {
  return std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(deadline - Clock::now()));
}

}  // namespace

Result<std::unique_ptr<IntentSender>> IntentSender::open(const std::string& brokers, milliseconds timeout) {
  const kafka::ClientSettings client{.brokers = brokers, .name = "sluicectl"};
  const std::string intents_topic(kIntentsTopic);
  auto intents = kafka::IdempotentProducer::open(
      client, {.topics = {intents_topic}, .delivery_timeout = timeout, .linger = milliseconds{0}, .in_flight_max = 1});
  if (!intents) return intents.error();
  const auto partitions = (*intents)->partition_count(intents_topic, timeout);
  if (!partitions) return partitions.error();
  auto orders = kafka::TopicReader::open(client, kafka::probing({.topic = std::string(kOrdersTopic)}));
  if (!orders) return orders.error();
  return std::unique_ptr<IntentSender>(new IntentSender(std::move(*intents), std::move(*orders), *partitions, timeout));
}

IntentSender::IntentSender(std::unique_ptr<kafka::IdempotentProducer> intents, std::unique_ptr<kafka::TopicReader> orders,
                           int partition_count, milliseconds timeout)
    : intents_(std::move(intents)), orders_(std::move(orders)), partition_count_(partition_count), timeout_(timeout) {}

Result<Ruled> IntentSender::send(std::string_view sku, v1::Intent& intent) {
  intent.set_magic(kIntentMagic);
  const Partition partition = partition_of(sku, partition_count_);
  // Where the ruling cannot stand before: read from there, so that it is not missed.
  const auto before = orders_->bounds(partition.value, timeout_);
  if (!before) return Error::retryable(before.error().message + "; nothing was sent");
  if (auto started = orders_->start_at(partition.value, before->high); !started) return started.error();
  const auto offset = append(partition, sku, intent);
  if (!offset) return offset.error();
  auto verdict = await(partition, *offset);
  orders_->stop(partition.value);
  if (!verdict) return verdict.error();
  return Ruled{partition, *offset, std::move(*verdict)};
}

Result<Offset> IntentSender::append(Partition partition, std::string_view sku, const v1::Intent& intent) {
  const std::string bytes = intent.SerializeAsString();
  if (auto sent = intents_->send(kIntentsTopic, partition.value, sku, bytes, 0); !sent) return sent.error();
  while (true) {
    const auto deliveries = intents_->poll(timeout_);
    if (!deliveries) return deliveries.error();
    for (const kafka::Delivery& delivery : *deliveries) {
      switch (delivery.end) {
        case kafka::Delivery::End::kAcknowledged:
          return delivery.offset;
        case kafka::Delivery::End::kNotWritten:
          return Error::retryable("Kafka did not take the intent: " + delivery.error + "; nothing was written");
        case kafka::Delivery::End::kUnknown:
          return Error::retryable("Kafka did not say whether it took the intent: " + delivery.error);
      }
    }
  }
}

Result<v1::Verdict> IntentSender::await(Partition partition, Offset offset) {
  v1::OrderRecord record;
  const auto deadline = Clock::now() + timeout_;
  while (left_until(deadline) > milliseconds{0}) {
    const auto batch = orders_->poll(kBatchMessages, left_until(deadline), milliseconds{0});
    if (!batch) return batch.error();
    for (const kafka::Message& message : batch->messages) {
      if (!record.ParseFromArray(message.payload.data(), static_cast<int>(message.payload.size()))) {
        return Error::fatal(
            fmt::format("orders, partition {}: the message at {} is no record", partition.value, message.offset));
      }
      if (static_cast<Offset>(record.last_offset()) >= offset) return verdict_on(record, offset);
    }
  }
  return Error::retryable(
      fmt::format("the intent is in the log (partition {}, offset {}), but no ledger has ruled on it within {} s",
                  partition.value, offset, std::chrono::duration_cast<std::chrono::seconds>(timeout_).count()));
}

}  // namespace sluice
