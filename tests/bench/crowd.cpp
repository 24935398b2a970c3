#include "tests/bench/crowd.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/check.h"
#include "schemas/intent_format.h"
#include "schemas/partitioner.h"

namespace sluice::bench {
namespace {

constexpr UnixMillis kDayMs = 24LL * 3600 * 1000;
constexpr std::int64_t kMix = 10;
constexpr std::int64_t kRepeats = 7;    // of ten, this one is the request before it again …
constexpr std::int64_t kAsksAgain = 9;  // … and this one is the user before, who has bought, with a new key

}  // namespace

std::vector<Sku> skus_of(const Crowd& crowd) {
  CHECK(crowd.only || crowd.skus % crowd.partition_count == 0);
  std::vector<int> wanted(static_cast<std::size_t>(crowd.partition_count), crowd.skus / crowd.partition_count);
  if (crowd.only) {
    std::ranges::fill(wanted, 0);
    wanted[static_cast<std::size_t>(crowd.only->value)] = crowd.skus;
  }
  std::vector<Sku> skus;
  for (int i = 0; std::ssize(skus) < crowd.skus; ++i) {
    std::string name = fmt::format("mask-{}", i);
    const Partition partition = partition_of(name, crowd.partition_count);
    if (wanted[static_cast<std::size_t>(partition.value)]-- > 0) skus.push_back({std::move(name), partition});
  }
  return skus;
}

v1::Intent sale_of(const Sku& sku, const Crowd& crowd, UnixMillis now) {
  v1::Intent intent;
  intent.set_magic(kIntentMagic);
  v1::DefineSale& define = *intent.mutable_define_sale();
  define.set_sku(sku.name);
  define.set_sale_id("rush");
  define.set_version(1);
  define.set_title("a mask");
  define.set_price_minor(1999);
  define.set_currency("EUR");
  define.set_limit_per_user(1);
  define.set_hold_seconds(1200);
  define.set_late_payment(v1::LATE_PAYMENT_REFUND);
  v1::Slot& slot = *define.add_slots();
  slot.set_opens_ms(now - kDayMs);
  slot.set_closes_ms(now + kDayMs);
  slot.set_quantity(static_cast<std::uint32_t>(crowd.stock));
  return intent;
}

Buyers::Buyers(const Crowd& crowd) : mixed_(crowd.mixed), skus_(skus_of(crowd)) {
  intent_.set_magic(kIntentMagic);
  intent_.mutable_purchase()->set_quantity(1);
}

Buyers::Wish Buyers::wish_of(std::int64_t number) {
  const std::int64_t place = mixed_ ? number % kMix : 0;
  const std::int64_t buyer = place == kRepeats || place == kAsksAgain ? number - 1 : number;
  const std::int64_t key = place == kRepeats ? number - 1 : number;
  const Sku& sku = skus_[static_cast<std::size_t>(buyer) % skus_.size()];
  v1::Purchase& purchase = *intent_.mutable_purchase();
  purchase.set_sku(sku.name);
  purchase.set_user(fmt::format("user-{:08}", buyer));
  purchase.set_request_key(fmt::format("00000000-0000-4000-8000-{:012}", key));  // as long as the usual UUID
  return {sku, intent_};
}

}  // namespace sluice::bench
