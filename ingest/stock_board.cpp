#include "ingest/stock_board.h"

#include <algorithm>

#include "runtime/check.h"
#include "schemas/partitioner.h"

namespace sluice {

bool SkuStock::is_on_sale(UnixMillis now) const {
  const auto open = [now](const v1::Slot& slot) { return slot.opens_ms() <= now && now < slot.closes_ms(); };
  return !frozen && std::ranges::any_of(terms.slots(), open);
}

StockBoard::StockBoard(Generation generation, int partitions, std::size_t skus_max)
    : generation_(generation), skus_max_(skus_max), readings_(static_cast<std::size_t>(partitions)) {}

void StockBoard::take(Partition partition, const v1::OrderRecord& record) {
  const auto first = static_cast<Offset>(record.first_offset());
  Reading& reading = readings_.at(static_cast<std::size_t>(partition.value));
  if (!reading.begins) reading.begins = first;
  if (record.has_change() && !record.change().sku().empty()) {
    take(Position::at(generation_, first), record.log_time_ms(), record.change());
  }
}

void StockBoard::reached_end(Partition partition) {
  readings_.at(static_cast<std::size_t>(partition.value)).reached_end = true;
}

void StockBoard::take(const StoredStocks& stored) {
  CHECK(stored.covered_to.size() == readings_.size());
  for (const SkuStock& row : stored.rows) take(row);
  cut_ = cut_ || stored.cut;
  for (std::size_t i = 0; i < readings_.size(); ++i) {
    if (stored.covered_to[i]) readings_[i].covered_to = std::max(readings_[i].covered_to, *stored.covered_to[i]);
  }
}

bool StockBoard::complete(Partition partition) const {
  const Reading& reading = readings_.at(static_cast<std::size_t>(partition.value));
  if (!reading.reached_end) return false;
  const bool from_the_start = reading.begins.value_or(0) == 0;  // a reading without a record is of an empty log
  return from_the_start || reading.covered_to >= Position::at(generation_, *reading.begins);
}

bool StockBoard::complete() const {
  for (std::size_t i = 0; i < readings_.size(); ++i) {
    if (!complete(Partition{static_cast<std::int32_t>(i)})) return false;
  }
  return true;
}

bool StockBoard::needs_stored() const {
  return std::ranges::any_of(readings_, [this](const Reading& reading) {
    return reading.begins.value_or(0) > 0 && reading.covered_to < Position::at(generation_, *reading.begins);
  });
}

StockBoard::Found StockBoard::find(std::string_view sku) const {
  if (!complete(partition_of(sku, static_cast<int>(readings_.size())))) return {Known::kNotYet};
  const auto found = lines_.find(sku);
  if (found == lines_.end()) return {cut_ ? Known::kNotKept : Known::kNoSuchSku};
  if (!found->second.has_terms()) return {Known::kNotYet};
  return {Known::kFound, &found->second.stock};
}

std::vector<const SkuStock*> StockBoard::list(std::size_t count) const {
  CHECK(complete());
  std::vector<const SkuStock*> found;
  for (const auto& [sku, line] : lines_) {
    if (found.size() == count) break;
    if (line.has_terms()) found.push_back(&line.stock);
  }
  return found;
}

StockBoard::Line* StockBoard::line_of(std::string_view sku) {
  const auto found = lines_.find(sku);
  if (found != lines_.end()) return &found->second;
  cut_ = cut_ || lines_.size() >= skus_max_;
  return cut_ ? nullptr : &lines_.emplace(sku, Line{}).first->second;
}

void StockBoard::take(Position position, UnixMillis log_time, const v1::Change& change) {
  Line* const line = line_of(change.sku());
  if (line == nullptr) return;
  SkuStock& stock = line->stock;
  if (position <= stock.version) return;  // the shared view was ahead, and its row has all of this
  const bool other_sale = stock.version != Position{} && change.counters().sale_id() != stock.counters.sale_id();
  if (other_sale) {
    stock.opened_slots = 0;
    stock.frozen = false;
  }
  stock.version = position;
  stock.log_time = log_time;
  stock.counters = change.counters();
  if (change.has_sale_defined()) {
    stock.terms = change.sale_defined().sale();
    line->terms_from = position;
  }
  if (change.has_frozen()) {
    stock.frozen = change.frozen().on();
    line->frozen_from = position;
  }
  for (const v1::SlotOpened& slot : change.slots_opened()) stock.opened_slots = static_cast<int>(slot.index()) + 1;
}

void StockBoard::take(const SkuStock& row) {
  Line* const line = line_of(row.terms.sku());
  if (line == nullptr) return;
  SkuStock& stock = line->stock;
  if (row.version >= stock.version) {
    *line = {row, row.version, row.version};
    return;
  }
  if (row.counters.sale_id() != stock.counters.sale_id()) return;  // another sale has begun since, and all of it was read
  if (line->terms_from < row.version) {
    stock.terms = row.terms;
    line->terms_from = row.version;
  }
  if (line->frozen_from < row.version) {
    stock.frozen = row.frozen;
    line->frozen_from = row.version;
  }
  stock.opened_slots = std::max(stock.opened_slots, row.opened_slots);  // none closes again within a sale
}

}  // namespace sluice
