#include "tests/simulation/crowd.h"

#include <algorithm>
#include <limits>

#include "schemas/intent_format.h"
#include "schemas/partitioner.h"

namespace sluice::simulation {
namespace {

constexpr UnixMillis kRefusalsKeptMillis = 600'000;
constexpr std::size_t kTimesRemembered = 8;

const std::vector<std::uint32_t> kQuantities = {1, 1, 1, 1, 2, 2, 3, 5};

// A name that the partitioner sends to `wanted`, or anywhere else.
std::string name_in_partition(const std::string& stem, Partition wanted, int count, bool there) {
  for (int i = 0;; ++i) {
    std::string name = stem + std::to_string(i);
    if ((partition_of(name, count) == wanted) == there) return name;
  }
}

}  // namespace

Crowd::Crowd(Dice& dice, CrowdPlace place) : dice_(dice), place_(place) {
  const auto skus = dice_.between(1, 3);
  for (std::int64_t i = 0; i <= skus; ++i) {
    skus_.push_back(
        name_in_partition(std::string(1, static_cast<char>('a' + i)) + ".mask-", place.partition, place.partition_count, true));
  }
  foreign_sku_ = name_in_partition("x", place.partition, place.partition_count, false);
  users_ = static_cast<int>(dice_.chance(0.5) ? dice_.between(2, 14) : 60);
  keys_ = static_cast<int>(dice_.chance(0.3) ? dice_.between(2, 60) : 5'000);
}

std::string Crowd::ask(Offset next, UnixMillis now) {
  if (storm_left_ > 0 && dice_.chance(0.6)) {
    --storm_left_;
    return text_of(storm_);
  }
  const std::string& sku = skus_[dice_.below(skus_.size() - 1)];
  if (dice_.chance(0.3) && !is_on_offer(sku, now)) return text_of(dice_.chance(0.5) ? sale(sku, now) : due(now));
  if (order_ids_.empty() && dice_.chance(0.5)) return text_of(purchase());
  const std::int64_t roll = dice_.between(0, 99);
  if (roll < 45) return text_of(purchase());
  if (roll < 60) return text_of(pay(next));
  if (roll < 66) return text_of(cancel(next));
  if (roll < 74) return text_of(due(now));
  if (roll < 77) return text_of(sale(sku, now));
  if (roll < 82) return text_of(adjust());
  if (roll < 88) return text_of(refund(next));
  if (roll < 92) return text_of(settle(next));
  if (roll < 94) return text_of(freeze());
  if (roll < 97) return text_of(malformed(next, now));
  return rubbish();
}

bool Crowd::is_anything_on_offer(UnixMillis now) const {
  return std::any_of(skus_.begin(), skus_.end(), [&](const std::string& sku) { return is_on_offer(sku, now); });
}

bool Crowd::is_on_offer(const std::string& sku, UnixMillis now) const {
  const auto sale = defined_.find(sku);
  return sale != defined_.end() && now < sale->second.slots(sale->second.slots_size() - 1).closes_ms();
}

void Crowd::hear(const v1::OrderRecord& record) {
  const auto hear_verdict = [this](Offset offset, UnixMillis log_time, const v1::Verdict& verdict) {
    if (verdict.admin()) return;
    if (verdict.outcome() == v1::DUPLICATE) repeated_.push_back(ticket(offset));
    if (verdict.outcome() == v1::REFUSED && verdict.key_high() != 0) refused_at_.push_back(log_time);
  };
  if (record.has_change()) {
    for (const v1::Order& order : record.change().orders()) {
      if (orders_.insert_or_assign(order.id(), order).second) order_ids_.push_back(order.id());
    }
    if (record.change().has_sale_defined()) defined_[record.change().sku()] = record.change().sale_defined().sale();
    return hear_verdict(static_cast<Offset>(record.first_offset()), record.log_time_ms(), record.change().verdict());
  }
  auto offset = static_cast<Offset>(record.first_offset());
  for (const v1::Verdict& verdict : record.unchanged().verdicts()) hear_verdict(offset++, record.log_time_ms(), verdict);
}

UnixMillis Crowd::moment_after(UnixMillis now) {
  std::vector<UnixMillis> moments;
  const auto add = [&](UnixMillis moment) {
    if (moment > now) moments.push_back(moment);
  };
  for (const auto& [sku, sale] : defined_) {
    for (const v1::Slot& slot : sale.slots()) {
      add(slot.opens_ms());
      add(slot.closes_ms());
    }
  }
  for (const auto& [id, order] : orders_) {
    if (order.status() == v1::HELD) add(order.deadline_ms());
  }
  if (dice_.chance(0.3) && !refused_at_.empty()) return std::max(now, dice_.pick(refused_at_) + kRefusalsKeptMillis);
  if (moments.empty()) return now;
  return dice_.chance(0.7) ? *std::min_element(moments.begin(), moments.end()) : dice_.pick(moments);
}

std::string Crowd::text_of(v1::Intent intent) {
  intent.set_magic(kIntentMagic);
  return intent.SerializeAsString();
}

v1::Intent Crowd::purchase() {
  if (purchases_.empty() || dice_.chance(0.65)) return first_purchase();
  v1::Intent again = dice_.chance(0.5) ? purchases_.back() : dice_.pick(purchases_);
  if (dice_.chance(0.12)) again.mutable_purchase()->set_quantity(again.purchase().quantity() + 1);
  if (dice_.chance(0.03)) {
    storm_ = again;
    storm_left_ = 25;
  }
  return again;
}

v1::Intent Crowd::first_purchase() {
  v1::Intent intent;
  v1::Purchase& purchase = *intent.mutable_purchase();
  purchase.set_sku(sku_of_ours());
  if (dice_.chance(0.02)) purchase.set_sku(foreign_sku_);
  purchase.set_user(user());
  purchase.set_request_key("click-" + std::to_string(dice_.between(1, keys_)));
  purchase.set_quantity(dice_.pick(kQuantities));
  purchases_.push_back(intent);
  return intent;
}

v1::Intent Crowd::pay(Offset next) {
  v1::Intent intent;
  v1::Pay& pay = *intent.mutable_pay();
  pay.set_order(dice_.chance(0.05) ? 0 : name_of_an_order(next));
  pay.set_currency("EUR");
  pay.set_amount_minor(dice_.between(1, 9) * 100);
  if (const auto order = orders_.find(pay.order()); order != orders_.end() && dice_.chance(0.9)) {
    pay.set_amount_minor(order->second.amount_minor());
    pay.set_currency(dice_.chance(0.97) ? order->second.currency() : "USD");
  }
  if (!payment_ids_.empty() && dice_.chance(0.2)) {
    pay.set_payment_id(dice_.pick(payment_ids_));
  } else {
    pay.set_payment_id("payment-" + std::to_string(++payments_));
    payment_ids_.push_back(pay.payment_id());
    payment_orders_.push_back(pay.order());
  }
  return intent;
}

v1::Intent Crowd::cancel(Offset next) {
  v1::Intent intent;
  intent.mutable_cancel()->set_order(name_of_an_order(next));
  const auto order = orders_.find(intent.cancel().order());
  intent.mutable_cancel()->set_user(order != orders_.end() && dice_.chance(0.85) ? order->second.user() : user());
  return intent;
}

v1::Intent Crowd::refund(Offset next) {
  if (!acts_.empty() && dice_.chance(0.15)) return dice_.pick(acts_);
  v1::Intent intent;
  v1::Refund& refund = *intent.mutable_refund();
  refund.set_request_key(admin_key());
  refund.set_order(name_of_an_order(next));
  refund.set_restock(dice_.chance(0.5));
  acts_.push_back(intent);
  return intent;
}

v1::Intent Crowd::settle(Offset next) {
  v1::Intent intent;
  v1::RefundSettled& settled = *intent.mutable_refund_settled();
  settled.set_payment_id("payment-nobody-made");
  settled.set_order(name_of_an_order(next));
  if (payment_ids_.empty() || dice_.chance(0.1)) return intent;
  const std::size_t which = dice_.below(payment_ids_.size());
  settled.set_payment_id(payment_ids_[which]);
  settled.set_order(dice_.chance(0.9) ? payment_orders_[which] : 0);
  return intent;
}

v1::Intent Crowd::due(UnixMillis now) {
  v1::Intent intent;
  v1::Due& due = *intent.mutable_due();
  due.set_sku(sku_of_ours());
  due.set_through_ms(now + (dice_.chance(0.7) ? 0 : dice_.between(-20'000, 60'000)));
  due.set_limit(static_cast<std::uint32_t>(dice_.chance(0.5) ? dice_.between(1, 3) : 1000));
  return intent;
}

v1::Intent Crowd::sale(const std::string& sku, UnixMillis now) {
  v1::Intent intent;
  const auto known = defined_.find(sku);
  const bool over = !is_on_offer(sku, now);
  v1::DefineSale sale;
  if (known == defined_.end() || dice_.chance(over ? 0.4 : 0.1)) {
    sale = new_sale(sku, now);
  } else if (dice_.chance(0.1)) {
    sale = dice_.pick(all_sales_);
  } else {
    sale = known->second;
    if (over || dice_.chance(0.8)) amend(sale, now);
  }
  defined_.try_emplace(sale.sku(), sale);
  all_sales_.push_back(sale);
  *intent.mutable_define_sale() = sale;
  return intent;
}

v1::DefineSale Crowd::new_sale(const std::string& sku, UnixMillis now) {
  v1::DefineSale sale;
  sale.set_sku(sku);
  sale.set_sale_id("sale-" + std::to_string(++sales_));
  sale.set_version(static_cast<std::uint32_t>(dice_.between(1, 3)));
  sale.set_title("Masks");
  sale.set_price_minor(dice_.between(0, 5) * 100);
  sale.set_currency("EUR");
  sale.set_limit_per_user(static_cast<std::uint32_t>(dice_.between(1, 6)));
  sale.set_hold_seconds(static_cast<std::uint32_t>(dice_.between(1, 90)));
  sale.set_late_payment(dice_.chance(0.5) ? v1::LATE_PAYMENT_REFUND : v1::LATE_PAYMENT_REBUY_OR_REFUND);
  add_slots(sale, now + dice_.between(-5'000, 3'000));
  return sale;
}

void Crowd::amend(v1::DefineSale& sale, UnixMillis now) {
  sale.set_version(sale.version() + static_cast<std::uint32_t>(dice_.between(0, 2)) - (dice_.chance(0.15) ? 1 : 0));
  if (dice_.chance(0.05)) sale.set_currency("USD");
  if (dice_.chance(0.3)) sale.set_price_minor(dice_.between(0, 5) * 100);
  if (dice_.chance(0.3)) sale.set_limit_per_user(static_cast<std::uint32_t>(dice_.between(1, 6)));
  if (dice_.chance(0.3)) sale.set_hold_seconds(static_cast<std::uint32_t>(dice_.between(1, 90)));
  if (dice_.chance(0.1)) sale.set_late_payment(v1::LATE_PAYMENT_REBUY_OR_REFUND);
  if (dice_.chance(0.4)) {
    v1::Slot& slot = *sale.mutable_slots(static_cast<int>(dice_.below(static_cast<std::size_t>(sale.slots_size()))));
    if (slot.opens_ms() > now || dice_.chance(0.2)) slot.set_quantity(static_cast<std::uint32_t>(dice_.between(0, 12)));
  }
  const UnixMillis end = sale.slots(sale.slots_size() - 1).closes_ms();
  if (end <= now || dice_.chance(0.5)) add_slots(sale, std::max(end, now + dice_.between(-2'000, 2'000)));
}

void Crowd::add_slots(v1::DefineSale& sale, UnixMillis from) {
  const std::int64_t count = dice_.between(1, 3);
  for (std::int64_t i = 0; i < count; ++i) {
    v1::Slot& slot = *sale.add_slots();
    slot.set_opens_ms(from + (dice_.chance(0.6) ? 0 : dice_.between(1, 10'000)));
    slot.set_closes_ms(slot.opens_ms() + dice_.between(1, dice_.chance(0.2) ? 2'000 : 100'000));
    slot.set_quantity(static_cast<std::uint32_t>(dice_.between(0, 40)));
    from = slot.closes_ms();
  }
}

v1::Intent Crowd::adjust() {
  if (!acts_.empty() && dice_.chance(0.2)) return dice_.pick(acts_);
  v1::Intent intent;
  v1::AdjustStock& adjust = *intent.mutable_adjust_stock();
  adjust.set_request_key(admin_key());
  adjust.set_sku(sku_of_ours());
  adjust.set_delta(dice_.chance(0.5) ? dice_.between(1, 8) : dice_.between(-12, -1));
  adjust.set_reason("counted again");
  acts_.push_back(intent);
  return intent;
}

v1::Intent Crowd::freeze() {
  if (!acts_.empty() && dice_.chance(0.1)) return dice_.pick(acts_);
  v1::Intent intent;
  intent.mutable_freeze()->set_sku(sku_of_ours());
  intent.mutable_freeze()->set_on(dice_.chance(0.2));
  if (dice_.chance(0.4)) return intent;
  intent.mutable_freeze()->set_request_key(admin_key());
  acts_.push_back(intent);
  return intent;
}

// Well-formed protobuf whose fields are out of bounds, one at a time.
v1::Intent Crowd::malformed(Offset next, UnixMillis now) {
  v1::Intent intent;
  const std::string long_text(static_cast<std::size_t>(dice_.between(65, 300)), 'x');
  switch (dice_.between(0, 9)) {
    case 0:
      intent = first_purchase();
      intent.mutable_purchase()->set_quantity(dice_.chance(0.5) ? 0 : 1001);
      return intent;
    case 1:
      intent = first_purchase();
      intent.mutable_purchase()->set_sku(dice_.chance(0.5) ? "no spaces" : long_text);
      return intent;
    case 2:
      intent = first_purchase();
      intent.mutable_purchase()->set_user("");
      return intent;
    case 3:
      intent.mutable_pay()->set_order(name_of_an_order(next));
      return intent;
    case 4:
      intent = cancel(next);
      intent.mutable_cancel()->set_user(long_text);
      return intent;
    case 5:
      intent.mutable_refund()->set_request_key("r");
      return intent;
    case 6:
      intent = due(now);
      intent.mutable_due()->set_limit(dice_.chance(0.5) ? 0 : 1001);
      return intent;
    case 7:
      *intent.mutable_define_sale() = new_sale(skus_.front(), now);
      intent.mutable_define_sale()->mutable_slots(0)->set_closes_ms(0);
      return intent;
    case 8:
      intent.mutable_adjust_stock()->set_sku(skus_.front());
      intent.mutable_adjust_stock()->set_request_key("a");
      return intent;
    default:
      intent.mutable_freeze()->set_sku(dice_.chance(0.5) ? "" : skus_.front());
      intent.mutable_freeze()->set_request_key(long_text);
      return intent;
  }
}

std::string Crowd::rubbish() {
  switch (dice_.between(0, 3)) {
    case 0:
      return "";
    case 1:
      return text_of(v1::Intent());
    case 2: {
      std::string cut = text_of(first_purchase());
      cut.resize(dice_.below(cut.size()));
      return cut;
    }
    default:
      return std::string(static_cast<std::size_t>(dice_.between(1, 40)), static_cast<char>(dice_.between(0, 255)));
  }
}

std::uint64_t Crowd::name_of_an_order(Offset next) {
  if (dice_.chance(0.07)) return ticket(dice_.between(0, next + 12));  // anything, also what does not exist yet
  if (dice_.chance(0.02)) return Ticket::of({place_.partition.value + 1}, Position::at(place_.generation, 0)).value;
  if (dice_.chance(0.02)) return Ticket::of({kPartitionMax}, Position::at(place_.generation, 0)).value;
  if (dice_.chance(0.02)) return Ticket::of(place_.partition, Position::at({place_.generation.value ^ 1}, 3)).value;
  if (!repeated_.empty() && dice_.chance(0.15)) return dice_.pick(repeated_);
  if (order_ids_.empty()) return ticket(next);
  if (dice_.chance(0.6)) {
    const std::size_t recent = std::min<std::size_t>(order_ids_.size(), kTimesRemembered);
    return order_ids_[order_ids_.size() - 1 - dice_.below(recent)];
  }
  return dice_.pick(order_ids_);
}

std::string Crowd::sku_of_ours() { return dice_.chance(0.02) ? skus_.back() : skus_[dice_.below(skus_.size() - 1)]; }
std::string Crowd::user() { return "user-" + std::to_string(dice_.between(1, users_)); }
std::string Crowd::admin_key() { return "act-" + std::to_string(dice_.between(1, 400)); }

}  // namespace sluice::simulation
