#include "ingest/kafka_appends.h"

namespace sluice {
namespace {

AppendEnd::How how_of(kafka::Delivery::End end) {
  switch (end) {
    case kafka::Delivery::End::kAcknowledged:
      return AppendEnd::How::kAcknowledged;
    case kafka::Delivery::End::kNotWritten:
      return AppendEnd::How::kNotWritten;
    case kafka::Delivery::End::kUnknown:
      break;
  }
  return AppendEnd::How::kUnknown;
}

}  // namespace

Result<std::unique_ptr<KafkaAppends>> KafkaAppends::open(const kafka::ClientSettings& client, const Settings& settings,
                                                         int event_fd) {
  auto producer = kafka::IdempotentProducer::open(
      client,
      {.topics = {settings.topic}, .delivery_timeout = settings.append_timeout, .in_flight_max = settings.in_flight_max});
  if (!producer) return producer.error();
  (*producer)->ring(event_fd);
  return std::unique_ptr<KafkaAppends>(new KafkaAppends(settings.topic, std::move(*producer)));
}

bool KafkaAppends::append(Partition partition, std::string_view key, std::string_view intent, AppendId append) {
  return producer_->send(topic_, partition.value, key, intent, append).ok();
}

Result<void> KafkaAppends::ended(std::vector<AppendEnd>& into) {
  while (true) {
    const auto deliveries = producer_->poll(std::chrono::milliseconds{0});
    if (!deliveries) return deliveries.error();
    if (deliveries->empty()) return {};
    for (const kafka::Delivery& delivery : *deliveries) {
      into.push_back({.append = delivery.tag, .how = how_of(delivery.end), .offset = delivery.offset});
    }
  }
}

Result<int> KafkaAppends::partitions(std::chrono::milliseconds timeout) const {
  return producer_->partition_count(topic_, timeout);
}

}  // namespace sluice
