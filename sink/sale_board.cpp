#include "sink/sale_board.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sluice {

SaleBoard::SaleBoard(Partition partition, std::vector<SaleRow> stored) : partition_(partition) {
  for (SaleRow& row : stored) {
    std::string sku = row.sale.sku();
    sales_[std::move(sku)].row = std::move(row);
  }
}

void SaleBoard::apply(Position version, UnixMillis log_time, const v1::Change& change) {
  if (change.sku().empty()) return;
  auto found = sales_.find(change.sku());
  if (found == sales_.end()) {
    if (!change.has_sale_defined()) return;
    found = sales_.try_emplace(change.sku()).first;
  }
  Entry& entry = found->second;
  if (change.has_sale_defined()) {
    const v1::DefineSale& sale = change.sale_defined().sale();
    // Another sale begins anew: nothing opened, nothing frozen.
    if (sale.sale_id() != entry.row.sale.sale_id()) entry.row = SaleRow();
    entry.row.sale = sale;
  }
  entry.is_changed = true;
  entry.row.partition = partition_;
  entry.row.version = version;
  entry.row.changed = log_time;
  entry.row.counters = change.counters();
  if (change.has_frozen()) entry.row.frozen = change.frozen().on();
  for (const v1::SlotOpened& slot : change.slots_opened()) entry.row.opened_slots = static_cast<int>(slot.index()) + 1;
}

const SaleRow* SaleBoard::find(std::string_view sku) const {
  const auto found = sales_.find(sku);
  return found == sales_.end() ? nullptr : &found->second.row;
}

std::vector<SaleRow> SaleBoard::changed() const {
  std::vector<SaleRow> rows;
  for (const auto& [sku, entry] : sales_) {
    if (entry.is_changed) rows.push_back(entry.row);
  }
  return rows;
}

void SaleBoard::forget_changes() {
  for (auto& [sku, entry] : sales_) entry.is_changed = false;
}

int slot_at(const v1::DefineSale& sale, UnixMillis log_time) {
  const auto& slots = sale.slots();
  const auto after = std::ranges::partition_point(slots, [&](const v1::Slot& slot) { return slot.opens_ms() <= log_time; });
  if (after == slots.begin() || log_time >= std::prev(after)->closes_ms()) return RefusalRow::kNoSlot;
  return static_cast<int>(after - slots.begin()) - 1;
}

}  // namespace sluice
