#include "ledger/effects.h"

#include <utility>

#include "ledger/rules_version.h"
#include "ledger/store_rows.h"
#include "ledger/wire_parts.h"
#include "runtime/check.h"

namespace sluice {
namespace {

std::string progress_value(const LedgerState& state) {
  v1::StoredProgress progress;
  progress.set_format(kStoreFormat);
  progress.set_generation(static_cast<std::uint32_t>(state.identity.generation.value));
  progress.set_partition(static_cast<std::uint32_t>(state.identity.partition.value));
  progress.set_partition_count(static_cast<std::uint32_t>(state.identity.partition_count));
  progress.set_next_offset(state.next);
  progress.set_log_time_ms(state.log_time);
  progress.set_digest(state.digest);
  progress.set_window_first_offset(state.refusals.first_offset(state.next));
  progress.set_rules_version(kRulesVersion);
  progress.set_aliases_whole_from(state.aliases_whole_from);
  return progress.SerializeAsString();
}

}  // namespace

void Effects::order_changed(Position version, UnixMillis log_time, const v1::Order& order) {
  scratch_.clear();
  order.AppendToString(&scratch_);
  if (view_wanted_) view_.orders.push_back({version, order, log_time, recorded_});
  std::string row;
  row.reserve(scratch_.size() + 24);
  wire::append_bytes_field(row, v1::StoredOrder::kOrderFieldNumber, scratch_);
  wire::append_fixed64_field(row, v1::StoredOrder::kVersionFieldNumber, version.value);
  wire::append_varint_field(row, v1::StoredOrder::kChangedMsFieldNumber, static_cast<std::uint64_t>(log_time));
  rows_.puts.emplace_back(order_row(order.id()), std::move(row));
}

void Effects::order_reserved(Position version, UnixMillis log_time, std::uint64_t id, std::string_view order) {
  chunks_.add(id, order, rows_);
  if (!view_wanted_) return;
  OrderSnapshot& snapshot = view_.orders.emplace_back(OrderSnapshot{version, {}, log_time, recorded_});
  CHECK(snapshot.order.ParseFromArray(order.data(), static_cast<int>(order.size())));
}

// A rush changes the same line again and again.
void Effects::line_changed(const StockLine& line) {
  if (line.number >= is_changed_.size()) is_changed_.resize(line.number + std::size_t{1});
  if (is_changed_[line.number]) return;
  is_changed_[line.number] = true;
  changed_lines_.push_back(line.number);
}

void Effects::payment_changed(Position version, const v1::Payment& payment) {
  v1::StoredPayment stored;
  *stored.mutable_payment() = payment;
  stored.set_version(version.value);
  rows_.puts.emplace_back(payment_row(payment.id()), stored.SerializeAsString());
  if (view_wanted_) view_.payments.push_back({version, payment});
}

void Effects::alias_added(const AliasSnapshot& alias) {
  v1::StoredAlias stored;
  stored.set_order(alias.order);
  stored.set_deadline_ms(alias.deadline);
  rows_.puts.emplace_back(alias_row(alias.duplicate.value), stored.SerializeAsString());
  if (view_wanted_) view_.aliases.push_back(alias);
}

void Effects::admin_key_added(const Fingerprint& key, const v1::StoredAdminKey& stored) {
  rows_.puts.emplace_back(admin_key_row(key), stored.SerializeAsString());
}

void Effects::move_to(const LedgerState& state, RowWrites& rows, ViewChanges& view) && {
  chunks_.finish(rows_);
  for (const AcceptedOrders::LineNumber number : changed_lines_) {
    const SaleStock& stock = state.line_of_number[number]->stock;
    rows_.puts.emplace_back(line_row(stock.sale.sku()), stored_line(stock).SerializeAsString());
    // Also for a view that is behind: few, and stock is to be fresh.
    view_.stocks.push_back({stock.version, stock.sale, stock.counters, stock.opened_slots, stock.frozen});
  }
  rows_.puts.emplace_back(kProgressRow, progress_value(state));
  view_.next = Position::at(state.identity.generation, state.next);
  view_.log_time = state.log_time;
  view_.aliases_whole_from = Position::at(state.identity.generation, state.aliases_whole_from);
  view_.complete = view_wanted_;
  rows = std::move(rows_);
  view = std::move(view_);
}

}  // namespace sluice
