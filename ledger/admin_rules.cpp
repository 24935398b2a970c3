#include "ledger/admin_rules.h"

#include <google/protobuf/util/message_differencer.h>

#include "ledger/keyed_rules.h"

namespace sluice {
namespace {

std::int64_t units_from(const v1::DefineSale& sale, int first_slot) {
  std::int64_t units = 0;
  for (int i = first_slot; i < sale.slots_size(); ++i) units += sale.slots(i).quantity();
  return units;
}

// Opened slots are history: a definition must repeat them as they were.
bool repeats_opened_slots(const SaleStock& stock, const v1::DefineSale& sale) {
  if (sale.slots_size() < stock.opened_slots) return false;
  for (int i = 0; i < stock.opened_slots; ++i) {
    if (!google::protobuf::util::MessageDifferencer::Equals(stock.sale.slots(i), sale.slots(i))) return false;
  }
  return true;
}

// Accepts the definition: `stock` has its new terms and its units; what is due by them opens.
void define(SaleStock stock, const Moment& moment, Ruling& ruling) {
  stock.open_due_slots(moment.log_time, *ruling.change.mutable_slots_opened());
  v1::Change& change = ruling.accept_on(stock);
  *change.mutable_sale_defined()->mutable_sale() = stock.sale;
}

void start_sale(const LedgerState& state, const Moment& moment, const v1::DefineSale& sale, Ruling& ruling) {
  if (rule_admin_repetition(state, sale_fingerprint(sale.sku(), sale.sale_id()), 0, ruling)) return;
  ruling.change.clear_slots_opened();  // what the sale before it opened last does not matter any more
  SaleStock stock;
  stock.sale = sale;
  stock.counters.set_sale_id(sale.sale_id());
  define_units(stock.counters, Pile::kUnopened, units_from(sale, 0));
  define(std::move(stock), moment, ruling);
}

void amend_sale(const LedgerState& state, SaleStock stock, const Moment& moment, const v1::DefineSale& sale, Ruling& ruling) {
  if (sale.version() == stock.sale.version()) {
    return ruling.duplicate(state.admin_keys.at(sale_fingerprint(sale.sku(), sale.sale_id())).ticket());
  }
  if (sale.version() < stock.sale.version()) return ruling.refuse(v1::LOWER_VERSION);
  if (sale.currency() != stock.sale.currency()) return ruling.refuse(v1::INVALID);
  if (!repeats_opened_slots(stock, sale)) return ruling.refuse(v1::OPENED_SLOT_CHANGED);
  define_units(stock.counters, Pile::kUnopened, units_from(sale, stock.opened_slots) - stock.counters.unopened());
  stock.sale = sale;
  define(std::move(stock), moment, ruling);
}

}  // namespace

bool rule_admin_repetition(const LedgerState& state, const Fingerprint& key, std::uint64_t content, Ruling& ruling) {
  ruling.set_key(key, content);
  ruling.verdict.admin = true;
  const auto first = state.admin_keys.find(key);
  if (first == state.admin_keys.end()) return false;
  if (first->second.content() == content) {
    ruling.duplicate(first->second.ticket(), first->second.reason());
    ruling.verdict.could_take = first->second.could_take();
  } else {
    ruling.refuse(v1::KEY_REUSED);
  }
  return true;
}

void rule_define_sale(const LedgerState& state, const StockLine* line, const Moment& moment, const v1::DefineSale& sale,
                      Ruling& ruling) {
  if (line == nullptr) return start_sale(state, moment, sale, ruling);
  if (sale.sale_id() == line->stock.sale.sale_id()) return amend_sale(state, line->stock, moment, sale, ruling);
  const bool ended = line->stock.is_over(moment.log_time) && !state.accepted.has_held(line->number);
  if (!ended) return ruling.refuse(v1::SALE_RUNNING);
  start_sale(state, moment, sale, ruling);
}

void rule_adjust_stock(const LedgerState& state, const StockLine* line, const v1::AdjustStock& adjust, Ruling& ruling) {
  if (rule_admin_repetition(state, adjust, ruling)) return;
  if (line == nullptr) return ruling.refuse(v1::UNKNOWN_SKU);
  const std::int64_t available = line->stock.counters.available();
  if (available + adjust.delta() < 0) {
    ruling.verdict.could_take = available;
    return ruling.refuse(v1::NOT_ENOUGH_AVAILABLE);
  }
  v1::Change& change = ruling.accept_on(line->stock);
  if (adjust.delta() > 0) {
    define_units(*change.mutable_counters(), Pile::kAvailable, adjust.delta());
  } else {
    move_units(*change.mutable_counters(), Pile::kAvailable, Pile::kWithdrawn, -adjust.delta());
  }
  v1::StockAdjusted& adjusted = *change.mutable_stock_adjusted();
  adjusted.set_request_key(adjust.request_key());
  adjusted.set_delta(adjust.delta());
  adjusted.set_reason(adjust.reason());
}

void rule_freeze(const LedgerState& state, const StockLine* line, const v1::Freeze& freeze, Ruling& ruling) {
  if (!freeze.request_key().empty() && rule_admin_repetition(state, freeze, ruling)) return;
  if (line == nullptr) return ruling.refuse(v1::UNKNOWN_SKU);
  if (line->stock.frozen == freeze.on()) return ruling.refuse(v1::NO_CHANGE);
  ruling.accept_on(line->stock).mutable_frozen()->set_on(freeze.on());
}

}  // namespace sluice
