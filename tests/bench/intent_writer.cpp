#include "tests/bench/intent_writer.h"

#include <optional>
#include <utility>

#include "schemas/topics.h"
#include "tests/bench/ticker.h"

namespace sluice::bench {
namespace {

constexpr std::chrono::milliseconds kTimeout{60'000};
constexpr std::int64_t kLookEvery = 1'000;  // a look at the reports costs a wake-up

}  // namespace

Result<std::unique_ptr<IntentWriter>> IntentWriter::open(const kafka::ClientSettings& client) {
  auto producer =
      kafka::IdempotentProducer::open(client, {.topics = {std::string(kIntentsTopic)}, .delivery_timeout = kTimeout});
  if (!producer) return producer.error();
  if (auto known = (*producer)->partition_count(std::string(kIntentsTopic), kTimeout); !known) return known.error();
  return std::unique_ptr<IntentWriter>(new IntentWriter(std::move(*producer)));
}

IntentWriter::IntentWriter(std::unique_ptr<kafka::IdempotentProducer> producer) : producer_(std::move(producer)) {}

Result<void> IntentWriter::append(const Sku& sku, const v1::Intent& intent) {
  intent.SerializeToString(&bytes_);
  if (++since_look_ == kLookEvery) {
    since_look_ = 0;
    if (auto looked = look_at_reports({}); !looked) return looked;
  }
  while (true) {
    auto sent = producer_->send(kIntentsTopic, sku.partition.value, sku.name, bytes_, 0);
    if (sent || sent.error().kind != Error::Kind::kRetryable) return sent;
    if (auto looked = look_at_reports(kTimeout); !looked) return looked;
  }
}

Result<void> IntentWriter::look_at_reports(std::chrono::milliseconds wait) {
  const auto deliveries = producer_->poll(wait);
  if (!deliveries) return deliveries.error();
  for (const kafka::Delivery& delivery : *deliveries) {
    if (delivery.end != kafka::Delivery::End::kAcknowledged)
      return Error::fatal("an intent was not appended: " + delivery.error);
    last_offset_ = delivery.offset;
  }
  return {};
}

Result<void> IntentWriter::finish() {
  while (producer_->in_flight() > 0) {
    if (auto looked = look_at_reports(kTimeout); !looked) return looked;
  }
  return {};
}

Result<void> append_sales(IntentWriter& writer, const Crowd& crowd, UnixMillis now) {
  for (const Sku& sku : skus_of(crowd)) {
    if (auto appended = writer.append(sku, sale_of(sku, crowd, now)); !appended) return appended;
  }
  return writer.finish();
}

Result<void> append_crowd(IntentWriter& writer, const Crowd& crowd, std::int64_t per_second) {
  Buyers buyers(crowd);
  std::optional<Ticker> ticker;
  if (per_second > 0) ticker.emplace(per_second);
  for (std::int64_t sent = 0; sent < crowd.buyers;) {
    const std::int64_t due = ticker ? ticker->wait(crowd.buyers) : crowd.buyers;
    for (; sent < due; ++sent) {
      const Buyers::Wish wish = buyers.wish_of(crowd.first + sent);
      if (auto appended = writer.append(wish.sku, wish.intent); !appended) return appended;
    }
  }
  return writer.finish();
}

}  // namespace sluice::bench
