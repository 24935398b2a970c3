#include "ledger/ledger_state.h"

namespace sluice {

StockLine& LedgerState::line_of(const std::string& sku) {
  const auto number = static_cast<AcceptedOrders::LineNumber>(line_of_number.size());
  const auto [found, is_new] = lines.try_emplace(sku, number, sku);
  if (is_new) line_of_number.push_back(&found->second);
  return found->second;
}

std::optional<v1::Order> LedgerState::held_order(std::uint64_t id) const {
  const auto held = accepted.find_held(id);
  if (!held) return std::nullopt;
  std::optional<v1::Order> order(std::in_place);
  to_order(held->order, line_of_number[held->line]->stock.sale, *order);
  return order;
}

}  // namespace sluice
