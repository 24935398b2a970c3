#include "tests/simulation/simulated_store.h"

namespace sluice::simulation {

void write_rows(const RowWrites& writes, Rows& rows) {
  for (const auto& [key, value] : writes.puts) rows[key] = value;
  for (const std::string& key : writes.deletes) rows.erase(key);
}

Result<void> SimulatedStore::scan_range(std::string_view first, std::string_view end, const RowVisit& visit) {
  return calls_.make(Step::kStoreScan, [&] { return RowsInMemory(disk_.rows).scan_range(first, end, visit); });
}

Result<std::vector<std::optional<std::string>>> SimulatedStore::get(const std::vector<std::string>& keys) {
  return calls_.make(Step::kStoreGet, [&] { return RowsInMemory(disk_.rows).get(keys); });
}

Result<void> SimulatedStore::find_at_or_before(
    const std::vector<std::string>& keys,
    const std::function<void(std::size_t i, std::string_view key, std::string_view value)>& visit) {
  return calls_.make(Step::kStoreGet, [&] { return RowsInMemory(disk_.rows).find_at_or_before(keys, visit); });
}

Result<void> SimulatedStore::write(RowWrites writes) {
  const Rows before = disk_.tears_writes ? disk_.rows : Rows();
  const auto torn = [&] {
    disk_.rows = before;
    RowWrites half = writes;
    half.puts.erase(half.puts.begin(), half.puts.begin() + static_cast<std::ptrdiff_t>(half.puts.size() / 2));
    write_rows(half, disk_.rows);
  };
  try {
    return calls_.make(redoing_() ? Step::kRedoWrite : Step::kStoreWrite, [&]() -> Result<void> {
      judge_(writes);
      write_rows(writes, disk_.rows);
      return {};
    });
  } catch (const Crash&) {
    if (disk_.tears_writes) torn();
    throw;
  }
}

}  // namespace sluice::simulation
