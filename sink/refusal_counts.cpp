#include "sink/refusal_counts.h"

namespace sluice {
namespace {

// Of the changes, only those that opened a slot have a verdict that refuses. A purchase is what has a key of its own that is no
// administrator's.
bool refuses_purchase(const v1::Verdict& verdict) {
  return verdict.outcome() == v1::REFUSED && !verdict.admin() && (verdict.key_high() | verdict.key_low()) != 0;
}

}  // namespace

void RefusalCounts::add(const v1::OrderRecord& record, const SaleBoard& sales) {
  if (record.has_unchanged()) return add_run(record, sales);
  const v1::Change& change = record.change();
  if (!refuses_purchase(change.verdict())) return;
  const SaleRow* sale = sales.find(change.sku());
  if (sale == nullptr) return;
  ++count_of(*sale, slot_at(sale->sale, record.log_time_ms()), change.verdict().reason());
}

void RefusalCounts::add_run(const v1::OrderRecord& record, const SaleBoard& sales) {
  const v1::Unchanged& run = record.unchanged();
  std::vector<const SaleRow*> sale_of;  // by index in run.skus
  for (const std::string& sku : run.skus()) sale_of.push_back(sales.find(sku));
  if (sale_of.empty()) return;

  // A sold-out slot refuses the same way thousands of times in a row.
  const SaleRow* last_sale = nullptr;
  int last_slot = RefusalRow::kNoSlot;
  v1::Reason last_reason = v1::REASON_UNSPECIFIED;
  std::uint64_t* last_count = nullptr;

  UnixMillis log_time = record.log_time_ms();
  for (int i = 0; i < run.verdicts_size(); ++i) {
    if (i < run.log_time_deltas_ms_size()) log_time += run.log_time_deltas_ms(i);
    const v1::Verdict& verdict = run.verdicts(i);
    if (verdict.outcome() != v1::REFUSED) continue;
    const std::uint32_t which = run.sku_of().empty() ? 1 : run.sku_of(i);
    const SaleRow* sale = which == 0 ? nullptr : sale_of[which - 1];
    if (sale == nullptr) continue;
    const int slot = slot_at(sale->sale, log_time);
    if (last_count == nullptr || sale != last_sale || slot != last_slot || verdict.reason() != last_reason) {
      last_sale = sale;
      last_slot = slot;
      last_reason = verdict.reason();
      last_count = &count_of(*sale, slot, last_reason);
    }
    ++*last_count;
  }
}

std::uint64_t& RefusalCounts::count_of(const SaleRow& sale, int slot, v1::Reason reason) {
  return counts_[{sale.sale.sku(), sale.sale.sale_id(), slot, reason}];
}

std::vector<RefusalRow> RefusalCounts::rows() const {
  std::vector<RefusalRow> rows;
  for (const auto& [key, count] : counts_) {
    rows.push_back({.since = {},
                    .version = {},
                    .sku = key.sku,
                    .sale_id = key.sale_id,
                    .slot = key.slot,
                    .reason = key.reason,
                    .count = count});
  }
  return rows;
}

}  // namespace sluice
