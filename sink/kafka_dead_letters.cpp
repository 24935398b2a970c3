#include "sink/kafka_dead_letters.h"

#include <utility>

#include "sink/dead_letter_rows.h"

namespace sluice {
namespace {

constexpr std::chrono::milliseconds kTimeout{10'000};

}  // namespace

KafkaDeadLetters::KafkaDeadLetters(kafka::ClientSettings client, std::string topic)
    : client_(std::move(client)), topic_(std::move(topic)) {}

Result<void> KafkaDeadLetters::append(std::span<const v1::DeadLetter> letters) {
  if (!producer_) {
    auto opened = kafka::IdempotentProducer::open(client_, {.topics = {topic_}, .delivery_timeout = kTimeout});
    if (!opened) return opened.error();
    producer_ = std::move(*opened);
  }
  for (const v1::DeadLetter& letter : letters) {
    const std::string key = subject_of(letter);
    if (auto sent = producer_->send(topic_, std::nullopt, key, letter.SerializeAsString(), 0); !sent) return sent;
  }
  auto acknowledged = await_acknowledgements();
  // A producer with something still in flight would mix it with the next letters; a new one starts clean.
  if (!acknowledged) producer_.reset();
  return acknowledged;
}

Result<void> KafkaDeadLetters::await_acknowledgements() {
  while (producer_->in_flight() > 0) {
    const auto deliveries = producer_->poll(kTimeout);
    if (!deliveries) return deliveries.error();
    for (const kafka::Delivery& delivery : *deliveries) {
      if (delivery.end == kafka::Delivery::End::kAcknowledged) continue;
      return Error::retryable("topic " + topic_ + " does not take dead letters: " + delivery.error);
    }
  }
  return {};
}

}  // namespace sluice
