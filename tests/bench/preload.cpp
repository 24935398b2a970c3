#include "tests/bench/preload.h"

#include <fmt/format.h>

#include "kafka/idempotent_producer.h"
#include "kafka/topic_admin.h"
#include "kafka/topic_check.h"
#include "runtime/clock.h"
#include "schemas/intent_format.h"
#include "schemas/partitioner.h"
#include "schemas/topics.h"
#include "tests/bench/bare_loop.h"

namespace sluice::bench {
namespace {

constexpr std::chrono::milliseconds kTimeout{60'000};
constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

std::string sku_of(Partition partition, int partition_count) {
  for (int i = 0;; ++i) {
    std::string sku = fmt::format("mask-{}", i);
    if (partition_of(sku, partition_count) == partition) return sku;
  }
}

v1::Intent sale(const std::string& sku, int stock) {
  v1::Intent intent;
  intent.set_magic(kIntentMagic);
  v1::DefineSale& define = *intent.mutable_define_sale();
  define.set_sku(sku);
  define.set_sale_id("spike");
  define.set_version(1);
  define.set_title("a mask");
  define.set_price_minor(1999);
  define.set_currency("EUR");
  define.set_limit_per_user(1);
  define.set_hold_seconds(1200);
  define.set_late_payment(v1::LATE_PAYMENT_REFUND);
  v1::Slot& slot = *define.add_slots();
  slot.set_opens_ms(unix_millis() - kDayMs);
  slot.set_closes_ms(unix_millis() + kDayMs);
  slot.set_quantity(static_cast<std::uint32_t>(stock));
  return intent;
}

class Sender {
 public:
  Sender(kafka::IdempotentProducer& producer, Partition partition) : producer_(producer), partition_(partition) {}

  Result<void> send(const std::string& sku, const v1::Intent& intent) {
    intent.SerializeToString(&bytes_);
    while (true) {
      auto sent = producer_.send(kIntentsTopic, partition_.value, sku, bytes_, 0);
      if (sent || sent.error().kind != Error::Kind::kRetryable) return sent;
      if (auto drained = drain(); !drained) return drained;
    }
  }

  Result<void> drain() {
    const auto deliveries = producer_.poll(kTimeout);
    if (!deliveries) return deliveries.error();
    for (const kafka::Delivery& delivery : *deliveries) {
      if (delivery.end != kafka::Delivery::End::kAcknowledged)
        return Error::fatal("an intent was not appended: " + delivery.error);
    }
    return {};
  }

  Result<void> finish() {
    while (producer_.in_flight() > 0) {
      if (auto drained = drain(); !drained) return drained;
    }
    return {};
  }

 private:
  kafka::IdempotentProducer& producer_;
  Partition partition_;
  std::string bytes_;
};

}  // namespace

Result<void> make_topics(const kafka::ClientSettings& client, int partition_count) {
  const auto admin = kafka::TopicAdmin::open(client, kTimeout);
  if (!admin) return admin.error();
  for (const std::string& name : {std::string(kIntentsTopic), std::string(kOrdersTopic), std::string(kLimitTopic)}) {
    auto settings = kafka::settings_to_create(name == kLimitTopic ? std::string(kOrdersTopic) : name, kRequiredTopicSettings);
    if (const auto created = (*admin)->create({name, partition_count, 1, std::move(settings)}); !created)
      return created.error();
  }
  return {};
}

Result<std::string> preload(const kafka::ClientSettings& client, const Crowd& crowd) {
  const auto producer = kafka::IdempotentProducer::open(
      client, {.topics = {std::string(kIntentsTopic)}, .delivery_timeout = kTimeout, .linger = std::chrono::milliseconds(5)});
  if (!producer) return producer.error();
  Sender sender(**producer, crowd.partition);
  const std::string sku = sku_of(crowd.partition, crowd.partition_count);
  if (auto sent = sender.send(sku, sale(sku, crowd.stock)); !sent) return sent.error();
  v1::Intent intent;
  intent.set_magic(kIntentMagic);
  v1::Purchase& purchase = *intent.mutable_purchase();
  purchase.set_sku(sku);
  purchase.set_quantity(1);
  for (int i = 0; i < crowd.purchases; ++i) {
    purchase.set_user(fmt::format("user-{:08}", i));
    purchase.set_request_key(fmt::format("00000000-0000-4000-8000-{:012}", i));  // as long as the usual UUID
    if (auto sent = sender.send(sku, intent); !sent) return sent.error();
  }
  if (auto finished = sender.finish(); !finished) return finished.error();
  return sku;
}

}  // namespace sluice::bench
