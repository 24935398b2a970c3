#include "ctl/intent_sender.h"

#include <fmt/format.h>

#include <utility>

#include "ctl/verdict_text.h"
#include "schemas/intent_format.h"
#include "schemas/intent_route.h"
#include "schemas/topics.h"

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kBatchMessages = 1000;

milliseconds left_until(Clock::time_point deadline) {
  return std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(deadline - Clock::now()));
}

Error missing(const Error& error) {
  return {error.kind, error.message + ". `sluicectl topics check` says what is missing, `sluicectl topics create` makes it"};
}

// What Kafka's tools show beside the intent; the partition is chosen without it.
std::string key_of(const v1::Intent& intent) {
  return sku_of(intent).empty() ? std::to_string(order_of(intent)) : sku_of(intent);
}

}  // namespace

Result<std::unique_ptr<IntentSender>> IntentSender::open(const Cluster& cluster) {
  const kafka::ClientSettings client{.brokers = cluster.brokers, .name = "sluicectl"};
  const milliseconds timeout = cluster.timeout;
  const std::string intents_topic(kIntentsTopic);
  auto intents = kafka::IdempotentProducer::open(
      client, {.topics = {intents_topic}, .delivery_timeout = timeout, .linger = milliseconds{0}, .in_flight_max = 1});
  if (!intents) return intents.error();
  const auto partitions = (*intents)->partition_count(intents_topic, timeout);
  if (!partitions) return missing(partitions.error());
  const auto of_orders = (*intents)->partition_count(std::string(kOrdersTopic), timeout);
  if (!of_orders) return missing(of_orders.error());
  if (*partitions != *of_orders) {
    return Error::fatal(
        fmt::format("topic {} has {} partitions, but {} has {}: a ruling stands in the partition of its intent, so "
                    "these are not the topics of one sluice",
                    kIntentsTopic, *partitions, kOrdersTopic, *of_orders));
  }
  auto orders = kafka::TopicReader::open(client, kafka::probing({.topic = std::string(kOrdersTopic)}));
  if (!orders) return orders.error();
  return std::unique_ptr<IntentSender>(new IntentSender(std::move(*intents), std::move(*orders), *partitions, timeout));
}

IntentSender::IntentSender(std::unique_ptr<kafka::IdempotentProducer> intents, std::unique_ptr<kafka::TopicReader> orders,
                           int partition_count, milliseconds timeout)
    : intents_(std::move(intents)), orders_(std::move(orders)), partition_count_(partition_count), timeout_(timeout) {}

Result<Ruled> IntentSender::send(v1::Intent& intent) {
  intent.set_magic(kIntentMagic);
  const Partition partition = route_of(intent, partition_count_);
  if (partition.value >= partition_count_) {
    return Error::fatal(
        fmt::format("order {} would be of partition {}, but topic {} has {}: it is no order of this sluice. Nothing "
                    "was sent",
                    order_of(intent), partition.value, kIntentsTopic, partition_count_));
  }
  // Where the ruling cannot stand before: read from there, so that it is not missed.
  const auto before = orders_->bounds(partition.value, timeout_);
  if (!before) return Error::retryable(before.error().message + "; nothing was sent");
  if (auto started = orders_->start_at(partition.value, before->high); !started) return started.error();
  const auto offset = append(partition, intent);
  if (!offset) return offset.error();
  auto ruled = await(partition, *offset);
  orders_->stop(partition.value);
  return ruled;
}

Result<Offset> IntentSender::append(Partition partition, const v1::Intent& intent) {
  const std::string bytes = intent.SerializeAsString();
  if (auto sent = intents_->send(kIntentsTopic, partition.value, key_of(intent), bytes, 0); !sent) return sent.error();
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

Result<Ruled> IntentSender::await(Partition partition, Offset offset) {
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
      if (static_cast<Offset>(record.last_offset()) < offset) continue;
      return Ruled{partition, offset, verdict_on(record, offset), record.change()};
    }
  }
  return Error::retryable(
      fmt::format("the intent is in the log (partition {}, offset {}), but no ledger has ruled on it within {} s",
                  partition.value, offset, std::chrono::duration_cast<std::chrono::seconds>(timeout_).count()));
}

}  // namespace sluice
