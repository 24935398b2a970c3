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

Error unreadable(std::string_view kind) {
  return Error::damaged(fmt::format("the local store has an unreadable row of kind '{}'", kind));
}

}  // namespace

Result<void> Restorer::read(LedgerStore& store) {
  Result<void> taken;
  // An order is of a line, and knows of its aliases.
  for (const std::string_view kind : {kProgressRow, kLineRows, kAdminKeyRows, kAliasRows}) {
    const Result<void> scanned = store.scan(kind, [&](std::string_view key, std::string_view value) {
      taken = take(key, value);
      return taken.ok();
    });
    if (!scanned) return scanned;
    if (!taken) return taken;
  }
  const Result<void> visited = visit_orders(store, [&](const KeptOrder& row) {
    taken = take_order(row);
    return taken.ok();
  });
  if (!visited) return visited;
  return taken ? compare_with_counters() : taken;
}

// Rows and counters are written together, but lie in different files. A file that is lost, or an old one in its place, need not
// be noticed by whoever reads the rest: an accepted order would not be there, and its units never come back.
Result<void> Restorer::compare_with_counters() const {
  for (const auto& [sku, line] : state_.lines) {
    const v1::Counters& counters = line.stock.counters;
    const auto found = units_.find(&line);
    const Units units = found == units_.end() ? Units() : found->second;
    if (units.held == counters.held() && units.sold == counters.sold()) continue;
    return Error::damaged(
        fmt::format("the local store has orders with {} held and {} sold units of {}, but counts {} and {}: rows are missing",
                    units.held, units.sold, sku, counters.held(), counters.sold()));
  }
  return {};
}

Result<void> Restorer::take(std::string_view key, std::string_view value) {
  const std::string_view kind = key.substr(0, 1);
  if (kind == kProgressRow) return take_progress(value);
  if (kind == kLineRows) {
    v1::StoredLine line;
    if (!parse(value, line)) return unreadable(kind);
    state_.line_of(line.sale().sku()).stock = sale_stock(line);
  } else if (kind == kAdminKeyRows) {
    if (!parse(value, state_.admin_keys[key_of_row(key)])) return unreadable(kind);
  } else if (kind == kAliasRows) {
    v1::StoredAlias alias;
    if (!parse(value, alias)) return unreadable(kind);
    ++aliases_of_order_[alias.order()];
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

Result<void> Restorer::take_order(const KeptOrder& row) {
  if (!row.read(stored_)) return unreadable(row.is_new ? kChunkRows : kOrderRows);
  const v1::Order& order = stored_.order();
  StockLine* line = state_.find_line(order.sku());
  if (line == nullptr || line->stock.sale.sale_id() != order.sale_id()) return {};  // of a sale that was replaced
  // Most orders have none.
  const auto aliases = aliases_of_order_.find(order.id());
  if (order.status() == v1::HELD) units_[line].held += order.quantity();
  if (order.status() == v1::PAID) units_[line].sold += order.quantity();
  if (restore_order(state_, *line, order, aliases == aliases_of_order_.end() ? 0 : aliases->second)) return {};
  return unreadable(row.is_new ? kChunkRows : kOrderRows);
}

}  // namespace sluice
