#include "reaper/kafka_due_appender.h"

#include <utility>

#include "schemas/intent_format.h"

namespace sluice {
namespace {

// A Due that comes late does no harm, but is of no use either.
constexpr std::chrono::milliseconds kDeliveryTimeout{10'000};
constexpr std::chrono::milliseconds kLinger{0};  // few, and each is waited for

}  // namespace

Result<std::unique_ptr<KafkaDueAppender>> KafkaDueAppender::open(const kafka::ClientSettings& client,
                                                                 const std::string& topic) {
  auto producer = kafka::IdempotentProducer::open(
      client, {.topics = {topic}, .delivery_timeout = kDeliveryTimeout, .linger = kLinger, .in_flight_max = 10'000});
  if (!producer) return producer.error();
  return std::unique_ptr<KafkaDueAppender>(new KafkaDueAppender(std::move(*producer), topic));
}

KafkaDueAppender::KafkaDueAppender(std::unique_ptr<kafka::IdempotentProducer> producer, std::string topic)
    : producer_(std::move(producer)), topic_(std::move(topic)) {}

Result<void> KafkaDueAppender::append(Partition partition, const v1::Due& due, std::uint64_t id) {
  intent_.set_magic(kIntentMagic);
  *intent_.mutable_due() = due;
  return producer_->send(topic_, partition.value, due.sku(), intent_.SerializeAsString(), id);
}

Result<std::span<const DueWritten>> KafkaDueAppender::poll() {
  written_.clear();
  while (true) {
    const auto deliveries = producer_->poll(std::chrono::milliseconds{0});
    if (!deliveries) return deliveries.error();
    if (deliveries->empty()) return std::span<const DueWritten>(written_);
    for (const kafka::Delivery& delivery : *deliveries) {
      const bool is_known = delivery.end == kafka::Delivery::End::kAcknowledged;
      written_.push_back({delivery.tag, is_known ? std::optional<Offset>(delivery.offset) : std::nullopt});
    }
  }
}

}  // namespace sluice
