// The model's rules of buying and of running a sale.
#include <algorithm>
#include <utility>

#include "tests/simulation/oracle/model.h"

namespace sluice::oracle {

namespace {

constexpr UnixMillis kRefusalsKeptMillis = 600'000;
constexpr std::int64_t kAliasesMax = 16;

std::string key_of(const v1::Purchase& purchase) {
  return "purchase/" + purchase.sku() + "/" + purchase.user() + "/" + purchase.request_key();
}

}  // namespace

void Model::purchase(const v1::Purchase& purchase, Line* line, Ruling& ruling) {
  ruling.key = RequestKey{key_of(purchase), std::to_string(purchase.quantity()), false};
  if (repeats_purchase(purchase, line, ruling)) return;
  const v1::Reason reason = line == nullptr ? v1::UNKNOWN_SKU : why_not(purchase.user(), purchase.quantity(), *line);
  if (reason == v1::REASON_UNSPECIFIED) return reserve(purchase, *line, ruling);
  ruling.refuse(reason);
  refusals_.push_back({key_of(purchase), purchase.quantity(), ticket_, reason, log_time_});
}

// Keys of accepted purchases live as long as the sale, those of refused ones for ten minutes of log time.
bool Model::repeats_purchase(const v1::Purchase& purchase, const Line* line, Ruling& ruling) {
  const std::string key = key_of(purchase);
  for (const auto& [id, order] : orders_) {
    if (line == nullptr || order.key != key || order.row.sale_id() != line->sale.sale_id()) continue;
    if (order.row.quantity() != purchase.quantity()) {
      ruling.refuse(v1::KEY_REUSED);
      return true;
    }
    ruling.repeat(id);
    const auto names_it = [first = order.row.id()](const auto& alias) { return alias.second == first; };
    const auto aliases = std::count_if(aliases_.begin(), aliases_.end(), names_it);
    if (aliases < kAliasesMax) aliases_[ticket_] = id;
    return true;
  }
  for (const Refusal& refusal : refusals_) {
    if (refusal.key != key || refusal.log_time + kRefusalsKeptMillis <= log_time_) continue;
    if (refusal.quantity == purchase.quantity()) {
      ruling.repeat(refusal.ticket, refusal.reason);
    } else {
      ruling.refuse(v1::KEY_REUSED);
    }
    return true;
  }
  return false;
}

void Model::reserve(const v1::Purchase& purchase, const Line& line, Ruling& ruling) {
  ruling.accept().mutable_reserved();
  Order order;
  order.key = key_of(purchase);
  order.row.set_id(ticket_);
  order.row.set_sku(purchase.sku());
  order.row.set_sale_id(line.sale.sale_id());
  order.row.set_user(purchase.user());
  order.row.set_quantity(purchase.quantity());
  order.row.set_amount_minor(line.sale.price_minor() * purchase.quantity());
  order.row.set_currency(line.sale.currency());
  order.row.set_created_ms(log_time_);
  order.row.set_deadline_ms(log_time_ + 1000 * static_cast<UnixMillis>(line.sale.hold_seconds()));
  order.row.set_hold_seconds(line.sale.hold_seconds());
  touch(orders_[ticket_] = order, v1::HELD);
  ruling.key.reset();  // the order has it
}

void Model::due(const v1::Due& due, Line* line, Ruling& ruling) {
  if (line == nullptr) return ruling.refuse(v1::UNKNOWN_SKU);
  std::vector<std::pair<UnixMillis, std::uint64_t>> over;
  for (const auto& [id, order] : orders_) {
    if (order.row.status() != v1::HELD || order.row.sku() != due.sku()) continue;
    if (order.row.deadline_ms() <= due.through_ms() && order.row.deadline_ms() <= log_time_)
      over.emplace_back(order.row.deadline_ms(), id);
  }
  if (over.empty()) return ruling.refuse(v1::NOTHING_DUE);
  std::sort(over.begin(), over.end());
  if (over.size() > due.limit()) over.resize(due.limit());
  ruling.accept().mutable_released();
  for (const auto& [deadline, id] : over) {
    touch(orders_.at(id), v1::RELEASED);
  }
}

void Model::define(const v1::DefineSale& sale, Line* line, Ruling& ruling) {
  if (line == nullptr) return start_sale(sale, ruling);
  if (line->sale.sale_id() == sale.sale_id()) return amend_sale(sale, *line, ruling);
  UnixMillis closes = 0;
  for (const v1::Slot& slot : line->sale.slots()) closes = std::max(closes, slot.closes_ms());
  if (log_time_ < closes || count(*line).held() > 0) return ruling.refuse(v1::SALE_RUNNING);
  start_sale(sale, ruling);
}

// A sale that was replaced is never started again.
void Model::start_sale(const v1::DefineSale& sale, Ruling& ruling) {
  if (repeats_act("sale/" + sale.sku() + "/" + sale.sale_id(), "", ruling)) return;
  ruling.change.clear_slots_opened();
  Line line;
  line.sale = sale;
  open_slots(line, ruling);
  lines_[sale.sku()] = line;
  *ruling.accept().mutable_sale_defined()->mutable_sale() = sale;
}

void Model::amend_sale(const v1::DefineSale& sale, Line& line, Ruling& ruling) {
  if (sale.version() == line.sale.version()) {
    return ruling.repeat(admin_acts_.at("sale/" + sale.sku() + "/" + sale.sale_id()).ticket);
  }
  if (sale.version() < line.sale.version()) return ruling.refuse(v1::LOWER_VERSION);
  if (sale.currency() != line.sale.currency()) return ruling.refuse(v1::INVALID);
  for (int i = 0; i < line.opened; ++i) {
    const bool same = i < sale.slots_size() && sale.slots(i).opens_ms() == line.sale.slots(i).opens_ms() &&
                      sale.slots(i).closes_ms() == line.sale.slots(i).closes_ms() &&
                      sale.slots(i).quantity() == line.sale.slots(i).quantity();
    if (!same) return ruling.refuse(v1::OPENED_SLOT_CHANGED);
  }
  line.sale = sale;
  open_slots(line, ruling);
  *ruling.accept().mutable_sale_defined()->mutable_sale() = sale;
}

void Model::adjust(const v1::AdjustStock& adjust, Line* line, Ruling& ruling) {
  const std::string content = "adjust/" + adjust.sku() + "/" + std::to_string(adjust.delta()) + "/" + adjust.reason();
  if (repeats_act("key/" + adjust.request_key(), content, ruling)) return;
  if (line == nullptr) return ruling.refuse(v1::UNKNOWN_SKU);
  const std::int64_t available = count(*line).available();
  if (available + adjust.delta() < 0) {
    ruling.change.mutable_verdict()->set_could_take(available);
    return ruling.refuse(v1::NOT_ENOUGH_AVAILABLE);
  }
  if (adjust.delta() > 0) line->brought_in += adjust.delta();
  if (adjust.delta() < 0) line->taken_out -= adjust.delta();
  v1::StockAdjusted& adjusted = *ruling.accept().mutable_stock_adjusted();
  adjusted.set_request_key(adjust.request_key());
  adjusted.set_delta(adjust.delta());
  adjusted.set_reason(adjust.reason());
}

// Without a key it counts each time.
void Model::freeze(const v1::Freeze& freeze, Line* line, Ruling& ruling) {
  const std::string content = "freeze/" + freeze.sku() + (freeze.on() ? "/on" : "/off");
  if (!freeze.request_key().empty() && repeats_act("key/" + freeze.request_key(), content, ruling)) return;
  if (line == nullptr) return ruling.refuse(v1::UNKNOWN_SKU);
  if (line->frozen == freeze.on()) return ruling.refuse(v1::NO_CHANGE);
  line->frozen = freeze.on();
  ruling.accept().mutable_frozen()->set_on(freeze.on());
}

}  // namespace sluice::oracle
