#include "ledger/restore.h"

#include <fmt/format.h>

#include "ledger/apply.h"
#include "ledger/store_rows.h"

namespace sluice {
namespace {

template <typename Message>
bool parse(std::string_view value, Message& message) {
  return message.ParseFromArray(value.data(), static_cast<int>(value.size()));
}

}  // namespace

Result<void> Restorer::take(std::string_view key, std::string_view value) {
  const std::string_view kind = key.substr(0, 1);
  if (kind == kProgressRow) return take_progress(value);
  const auto unreadable = [kind] {
    return Error::damaged(fmt::format("the local store has an unreadable row of kind '{}'", kind));
  };
  if (kind == kLineRows) {
    v1::StoredLine line;
    if (!parse(value, line)) return unreadable();
    state_.lines[line.sale().sku()].stock = sale_stock(line);
  } else if (kind == kAdminKeyRows) {
    if (!parse(value, state_.admin_keys[key_of_row(key)])) return unreadable();
  } else if (kind == kAliasRows) {
    v1::StoredAlias alias;
    if (!parse(value, alias)) return unreadable();
    ++aliases_of_order_[alias.order()];
  } else if (kind == kOrderRows) {
    v1::StoredOrder stored;
    if (!parse(value, stored)) return unreadable();
    take_order(stored.order());
  }
  return {};
}

Result<void> Restorer::take_progress(std::string_view value) {
  v1::StoredProgress progress;
  if (!parse(value, progress)) return Error::damaged("the local store's progress is unreadable");
  state_.next = progress.next_offset();
  state_.log_time = progress.log_time_ms();
  state_.digest = progress.digest();
  window_first_ = progress.window_first_offset();
  state_.aliases_whole_from = progress.aliases_whole_from();
  return {};
}

void Restorer::take_order(const v1::Order& order) {
  StockLine* line = state_.find_line(order.sku());
  if (line == nullptr || line->stock.sale.sale_id() != order.sale_id()) return;  // of a sale that was replaced
  restore_order(state_, *line, order, aliases_of_order_[order.id()]);
}

}  // namespace sluice
