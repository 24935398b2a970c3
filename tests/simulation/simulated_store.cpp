#include "tests/simulation/simulated_store.h"

namespace sluice::simulation {

void write_rows(const RowWrites& writes, Rows& rows) {
  for (const auto& [key, value] : writes.puts) rows[key] = value;
  for (const std::string& key : writes.deletes) rows.erase(key);
}

Result<void> SimulatedStore::scan(std::string_view prefix,
                                  const std::function<bool(std::string_view, std::string_view)>& visit) {
  return calls_.make(Step::kStoreScan, [&]() -> Result<void> {
    for (auto row = disk_.rows.lower_bound(std::string(prefix)); row != disk_.rows.end(); ++row) {
      if (!row->first.starts_with(prefix) || !visit(row->first, row->second)) break;
    }
    return {};
  });
}

Result<std::vector<std::optional<std::string>>> SimulatedStore::get(const std::vector<std::string>& keys) {
  return calls_.make(Step::kStoreGet, [&]() -> Result<std::vector<std::optional<std::string>>> {
    std::vector<std::optional<std::string>> values;
    for (const std::string& key : keys) {
      const auto row = disk_.rows.find(key);
      values.push_back(row == disk_.rows.end() ? std::nullopt : std::optional(row->second));
    }
    return values;
  });
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
