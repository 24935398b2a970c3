#include "tests/simulation/oracle/model.h"

#include <algorithm>

#include "tests/simulation/oracle/form.h"

namespace sluice::oracle {
namespace {

constexpr std::uint32_t kMagic = 0x31494C53;

}  // namespace

Ruling Model::rule(UnixMillis append_time, const std::string& bytes) {
  log_time_ = std::max(log_time_, append_time);
  position_ = (static_cast<std::uint64_t>(place_.generation) << 44) + static_cast<std::uint64_t>(next_);
  ticket_ = ticket_of(next_);
  moved_.clear();
  touched_payment_.clear();
  ++next_;

  Ruling ruling;
  ruling.log_time = log_time_;
  v1::Intent intent;
  if (!intent.ParseFromString(bytes) || intent.magic() != kMagic || intent.kind_case() == v1::Intent::KIND_NOT_SET) {
    ruling.change.mutable_verdict()->set_outcome(v1::UNREADABLE);
    return ruling;
  }
  ruling.intent = intent.kind_case();
  rule_form(intent, ruling);
  return ruling;
}

void Model::rule_form(const v1::Intent& intent, Ruling& ruling) {
  if (intent.has_purchase() && lines_.contains(intent.purchase().sku())) ruling.sku = intent.purchase().sku();
  if (has_impossible_quantity(intent)) return ruling.refuse(v1::BAD_QUANTITY);
  if (!is_well_formed(intent)) return ruling.refuse(v1::INVALID);
  if (!is_ours(intent)) return ruling.refuse(v1::WRONG_PARTITION);

  std::uint64_t name = 0;
  if (intent.has_pay()) name = intent.pay().order();
  if (intent.has_cancel()) name = intent.cancel().order();
  if (intent.has_refund()) name = intent.refund().order();
  if (intent.has_refund_settled()) name = intent.refund_settled().order();
  Order* order = find_order(name);
  const std::string sku = order != nullptr ? order->row.sku() : sku_of(intent);
  Line* line = find_line(sku);

  // The intent first opens the slots that are due, of its own SKU; also if it is then refused.
  if (line != nullptr) open_slots(*line, ruling);
  dispatch(intent, line, order, ruling);
  remember_act(ruling);

  if (!ruling.changed && !ruling.change.slots_opened().empty()) {
    ruling.changed = true;
    ruling.change.mutable_only_slots_opened();
  }
  if (!ruling.changed) return;
  for (const std::uint64_t id : moved_) {
    *ruling.change.add_orders() = orders_.at(id).row;
    past_orders_[{id, position_}] = orders_.at(id).row;
  }
  if (!touched_payment_.empty()) *ruling.change.add_payments() = payments_.at(touched_payment_);
  // The SKU is left out only where a payment alone changed that no order of ours stands behind, or its settlement.
  const bool only_payment = ruling.change.has_refund_settled() && ruling.change.slots_opened().empty();
  line = find_line(sku);
  if (line == nullptr || only_payment) return;
  line->counters = count(*line);
  line->version = position_;
  past_lines_[{sku, position_}] = *line;
  ruling.change.set_sku(sku);
  *ruling.change.mutable_counters() = line->counters;
}

void Model::dispatch(const v1::Intent& intent, Line* line, Order* order, Ruling& ruling) {
  switch (intent.kind_case()) {
    case v1::Intent::kPurchase:
      return purchase(intent.purchase(), line, ruling);
    case v1::Intent::kPay:
      return pay(intent.pay(), order, line, ruling);
    case v1::Intent::kCancel:
      return cancel(intent.cancel(), order, ruling);
    case v1::Intent::kRefund:
      return refund(intent.refund(), order, ruling);
    case v1::Intent::kRefundSettled:
      return settle(intent.refund_settled(), ruling);
    case v1::Intent::kDue:
      return due(intent.due(), line, ruling);
    case v1::Intent::kDefineSale:
      return define(intent.define_sale(), line, ruling);
    case v1::Intent::kAdjustStock:
      return adjust(intent.adjust_stock(), line, ruling);
    case v1::Intent::kFreeze:
      return freeze(intent.freeze(), line, ruling);
    case v1::Intent::KIND_NOT_SET:
      return;
  }
}

const v1::Order* Model::order_at(std::uint64_t id, std::uint64_t version) const {
  const auto found = past_orders_.find({id, version});
  return found == past_orders_.end() ? nullptr : &found->second;
}

bool Model::was_ever(std::uint64_t id, std::string_view status) const {
  for (auto past = past_orders_.lower_bound({id, 0}); past != past_orders_.end() && past->first.first == id; ++past) {
    std::string name = v1::OrderStatus_Name(past->second.status());
    std::transform(name.begin(), name.end(), name.begin(), [](char c) { return static_cast<char>(c - 'A' + 'a'); });
    if (name == status) return true;
  }
  return false;
}

const Line* Model::line_at(const std::string& sku, std::uint64_t version) const {
  const auto found = past_lines_.find({sku, version});
  return found == past_lines_.end() ? nullptr : &found->second;
}

std::uint64_t Model::ticket_of(Offset offset) const {
  return (static_cast<std::uint64_t>(place_.partition) << 52) + (static_cast<std::uint64_t>(place_.generation) << 44) +
         static_cast<std::uint64_t>(offset);
}

int Model::partition_of_order(std::uint64_t order, const std::string& otherwise) const {
  const auto named = static_cast<int>(order >> 52);
  return order != 0 && named < place_.partition_count ? named : place_.partition_of_key(otherwise);
}

bool Model::is_ours(const v1::Intent& intent) const {
  if (intent.has_pay()) return partition_of_order(intent.pay().order(), intent.pay().payment_id()) == place_.partition;
  if (intent.has_refund_settled()) {
    const v1::RefundSettled& settled = intent.refund_settled();
    return partition_of_order(settled.order(), settled.payment_id()) == place_.partition;
  }
  if (intent.has_cancel()) return static_cast<int>(intent.cancel().order() >> 52) == place_.partition;
  if (intent.has_refund()) return static_cast<int>(intent.refund().order() >> 52) == place_.partition;
  return place_.partition_of_key(sku_of(intent)) == place_.partition;
}

const std::string& Model::sku_of(const v1::Intent& intent) const {
  static const std::string kNone;
  if (intent.has_purchase()) return intent.purchase().sku();
  if (intent.has_due()) return intent.due().sku();
  if (intent.has_define_sale()) return intent.define_sale().sku();
  if (intent.has_adjust_stock()) return intent.adjust_stock().sku();
  if (intent.has_freeze()) return intent.freeze().sku();
  return kNone;
}

Order* Model::find_order(std::uint64_t name) {
  if (const auto alias = aliases_.find(name); alias != aliases_.end()) name = alias->second;
  const auto found = orders_.find(name);
  return found == orders_.end() ? nullptr : &found->second;
}

Line* Model::find_line(const std::string& sku) {
  const auto found = lines_.find(sku);
  return found == lines_.end() ? nullptr : &found->second;
}

void Model::open_slots(Line& line, Ruling& ruling) {
  for (int i = 0; i < line.sale.slots_size(); ++i) {
    if (i < line.opened || line.sale.slots(i).opens_ms() > log_time_) continue;
    v1::SlotOpened& slot = *ruling.change.add_slots_opened();
    slot.set_index(static_cast<std::uint32_t>(i));
    slot.set_quantity(line.sale.slots(i).quantity());
    line.opened = i + 1;
  }
}

// Invariant I2, solved for what is available.
v1::Counters Model::count(const Line& line) const {
  std::int64_t held = 0, sold = 0, unopened = 0, defined = line.brought_in, withdrawn = line.taken_out;
  for (const auto& [id, order] : orders_) {
    if (order.row.sku() != line.sale.sku() || order.row.sale_id() != line.sale.sale_id()) continue;
    if (order.row.status() == v1::HELD) held += order.row.quantity();
    if (order.row.status() == v1::PAID) sold += order.row.quantity();
    if (order.row.status() == v1::REFUNDED && !order.restocked) withdrawn += order.row.quantity();
  }
  for (int i = 0; i < line.sale.slots_size(); ++i) {
    defined += line.sale.slots(i).quantity();
    if (i >= line.opened) unopened += line.sale.slots(i).quantity();
  }
  v1::Counters counters;
  counters.set_sale_id(line.sale.sale_id());
  counters.set_defined(defined);
  counters.set_unopened(unopened);
  counters.set_available(defined - unopened - held - sold - withdrawn);
  counters.set_held(held);
  counters.set_sold(sold);
  counters.set_withdrawn(withdrawn);
  return counters;
}

std::int64_t Model::units_of(const std::string& user, const Line& line) const {
  std::int64_t units = 0;
  for (const auto& [id, order] : orders_) {
    const bool counts = order.row.status() == v1::HELD || order.row.status() == v1::PAID;
    if (counts && order.row.user() == user && order.row.sku() == line.sale.sku() && order.row.sale_id() == line.sale.sale_id())
      units += order.row.quantity();
  }
  return units;
}

v1::Reason Model::why_not(const std::string& user, std::int64_t quantity, const Line& line) const {
  bool on_sale = false;
  for (const v1::Slot& slot : line.sale.slots()) on_sale |= slot.opens_ms() <= log_time_ && log_time_ < slot.closes_ms();
  if (!on_sale) return v1::NOT_ON_SALE;
  if (line.frozen) return v1::FROZEN;
  if (count(line).available() < quantity) return v1::SOLD_OUT;
  if (units_of(user, line) + quantity > line.sale.limit_per_user()) return v1::LIMIT_REACHED;
  return v1::REASON_UNSPECIFIED;
}

bool Model::repeats_act(const std::string& name, const std::string& content, Ruling& ruling) {
  ruling.key = RequestKey{name, content, true};
  const auto first = admin_acts_.find(name);
  if (first == admin_acts_.end()) return false;
  if (first->second.content != content) {
    ruling.refuse(v1::KEY_REUSED);
  } else {
    ruling.repeat(first->second.ticket, first->second.reason);
    ruling.change.mutable_verdict()->set_could_take(first->second.could_take);
  }
  return true;
}

void Model::remember_act(const Ruling& ruling) {
  if (!ruling.key || !ruling.key->admin || ruling.change.verdict().outcome() == v1::DUPLICATE) return;
  const v1::Verdict& verdict = ruling.change.verdict();
  admin_acts_.try_emplace(ruling.key->name, AdminAct{ruling.key->content, ticket_, verdict.reason(), verdict.could_take()});
}

}  // namespace sluice::oracle
