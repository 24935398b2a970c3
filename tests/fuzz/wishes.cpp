#include "tests/fuzz/wishes.h"

#include <array>

#include "schemas/intent_format.h"
#include "schemas/partitioner.h"

namespace sluice::fuzz {
namespace {

constexpr std::size_t kWishesMax = 400;  // the model counts everything again for each

// Two that belong to the partition, and one that does not.
const std::array<std::string, 3>& skus() {
  static const std::array<std::string, 3> kSkus = [] {
    std::array<std::string, 3> names;
    for (std::size_t i = 0, number = 0; i < names.size(); ++number) {
      std::string name = "sku-" + std::to_string(number);
      if ((partition_of(name, Wishes::kPartitions) == Wishes::kPartition) == (i < 2)) names[i++] = std::move(name);
    }
    return names;
  }();
  return kSkus;
}

}  // namespace

std::vector<Wish> Wishes::from(Input& input) {
  Wishes wishes(input);
  while (!input.is_empty() && wishes.wishes_.size() < kWishesMax) wishes.add_next();
  return std::move(wishes.wishes_);
}

void Wishes::add_next() {
  constexpr unsigned kKinds = 9, kTime = 9, kBatchEnds = 10, kAgain = 11, kTampered = 12, kBytes = 13;
  const unsigned what = input_.below(14);
  if (what < kKinds) {
    v1::Intent intent = asked(what);
    add(intent);
  } else if (what == kTime) {  // the broker's clock can also go back
    const unsigned exponent = input_.below(32);
    now_ += exponent < 24 ? UnixMillis{1} << exponent : -(UnixMillis{1} << (exponent - 24));
  } else if (what == kBatchEnds) {
    if (!wishes_.empty()) wishes_.back().ends_batch = true;
  } else if (what == kAgain && !wishes_.empty()) {
    add(wishes_[wishes_.size() - 1 - input_.byte() % wishes_.size()].bytes);
  } else if (what == kTampered && !wishes_.empty()) {
    add(tampered(wishes_.back().bytes));
  } else if (what == kBytes) {
    add(std::string(input_.piece()));
  }
}

void Wishes::add(v1::Intent& intent) {
  intent.set_magic(kIntentMagic);
  add(intent.SerializeAsString());
}

// What a newer writer asks for stops the lane: that is another test's.
void Wishes::add(std::string bytes) {
  v1::Intent intent;
  if (read_intent(bytes, intent) != Readability::kNewer) wishes_.push_back({now_, std::move(bytes), false});
}

v1::Intent Wishes::asked(unsigned kind) {
  v1::Intent intent;
  switch (kind) {
    case 0:
      purchase(*intent.mutable_purchase());
      break;
    case 1:
      pay(*intent.mutable_pay());
      break;
    case 2:
      intent.mutable_cancel()->set_order(order());
      intent.mutable_cancel()->set_user(user());
      break;
    case 3:
      intent.mutable_refund()->set_request_key(admin_key());
      intent.mutable_refund()->set_order(order());
      intent.mutable_refund()->set_restock(input_.flag());
      break;
    case 4:
      intent.mutable_refund_settled()->set_payment_id("payment-" + std::to_string(input_.below(8)));
      intent.mutable_refund_settled()->set_order(order());
      break;
    case 5:
      intent.mutable_due()->set_sku(sku());
      intent.mutable_due()->set_through_ms(now_ + (UnixMillis{1} << input_.below(20)) - 2);
      intent.mutable_due()->set_limit(input_.below(4));
      break;
    case 6:
      define(*intent.mutable_define_sale());
      break;
    case 7:
      intent.mutable_adjust_stock()->set_request_key(admin_key());
      intent.mutable_adjust_stock()->set_sku(sku());
      intent.mutable_adjust_stock()->set_delta(static_cast<std::int8_t>(input_.byte()));
      break;
    default:
      intent.mutable_freeze()->set_sku(sku());
      intent.mutable_freeze()->set_on(input_.flag());
      intent.mutable_freeze()->set_request_key(input_.flag() ? admin_key() : "");
  }
  return intent;
}

void Wishes::purchase(v1::Purchase& purchase) {
  purchase.set_sku(sku());
  purchase.set_user(user());
  purchase.set_request_key("key-" + std::to_string(input_.below(8)));
  purchase.set_quantity(input_.below(6));
}

void Wishes::pay(v1::Pay& pay) {
  pay.set_order(order());
  pay.set_payment_id("payment-" + std::to_string(input_.below(8)));
  pay.set_amount_minor(100 * std::int64_t{input_.below(6)});
  pay.set_currency("EUR");
}

void Wishes::define(v1::DefineSale& sale) {
  sale.set_sku(sku());
  sale.set_sale_id("sale-" + std::to_string(input_.below(3)));
  sale.set_version(input_.below(5));
  sale.set_title("Masks");
  sale.set_price_minor(100);
  sale.set_currency("EUR");
  sale.set_limit_per_user(input_.below(6));
  sale.set_hold_seconds(1 + input_.below(60));
  sale.set_late_payment(input_.flag() ? v1::LATE_PAYMENT_REFUND : v1::LATE_PAYMENT_REBUY_OR_REFUND);
  UnixMillis from = now_ - 1 - (input_.flag() ? input_.byte() : 0);
  for (unsigned slots = input_.below(4); slots > 0; --slots) {
    v1::Slot& slot = *sale.add_slots();
    slot.set_opens_ms(from + (UnixMillis{input_.byte()} << 6));
    slot.set_closes_ms(slot.opens_ms() + (UnixMillis{input_.byte()} << 10));
    slot.set_quantity(input_.below(32));
    from = slot.closes_ms();
  }
}

// One byte behind the magic is another: a field out of its bounds, or another field.
std::string Wishes::tampered(std::string bytes) {
  constexpr std::size_t kMagicBytes = 5;
  const std::size_t at = input_.byte();
  const auto value = static_cast<char>(input_.byte());
  if (kMagicBytes + at < bytes.size()) bytes[kMagicBytes + at] = value;
  return bytes;
}

std::string Wishes::sku() { return skus()[input_.below(8) * skus().size() / 8]; }

std::string Wishes::user() { return "user-" + std::to_string(input_.below(4)); }

std::string Wishes::admin_key() { return "act-" + std::to_string(input_.below(6)); }

// Mostly that of an intent before; else one that does not exist yet, of nobody, or of another partition.
std::uint64_t Wishes::order() {
  const unsigned named = input_.byte();
  if (named == 0xff) return 0;
  const Partition partition = named == 0xfe ? Partition{1} : kPartition;
  const auto back = static_cast<Offset>(named % (wishes_.size() + 2));
  return Ticket::of(partition, Position::at(kGeneration, back)).value;
}

}  // namespace sluice::fuzz
