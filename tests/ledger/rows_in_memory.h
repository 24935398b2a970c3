// Shell: a store over rows that are somebody else's. One thread at a time.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/ledger_store.h"

namespace sluice {

class RowsInMemory : public LedgerStore {
 public:
  using Rows = std::map<std::string, std::string>;

  explicit RowsInMemory(Rows& rows) : rows_(rows) {}

  Result<void> scan_range(std::string_view first, std::string_view end, const RowVisit& visit) override {
    for (auto row = rows_.lower_bound(std::string(first)); row != rows_.end(); ++row) {
      if ((!end.empty() && row->first >= end) || !visit(row->first, row->second)) break;
    }
    return {};
  }

  Result<std::vector<std::optional<std::string>>> get(const std::vector<std::string>& keys) override {
    std::vector<std::optional<std::string>> values;
    for (const std::string& key : keys) {
      const auto row = rows_.find(key);
      values.push_back(row == rows_.end() ? std::nullopt : std::optional(row->second));
    }
    return values;
  }

  Result<void> find_at_or_before(
      const std::vector<std::string>& keys,
      const std::function<void(std::size_t i, std::string_view key, std::string_view value)>& visit) override {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      auto row = rows_.upper_bound(keys[i]);
      if (row == rows_.begin() || (--row)->first.front() != keys[i].front()) continue;
      visit(i, row->first, row->second);
    }
    return {};
  }

  Result<void> write(RowWrites writes) override {
    for (auto& [key, value] : writes.puts) rows_[key] = std::move(value);
    for (const std::string& key : writes.deletes) rows_.erase(key);
    return {};
  }

 private:
  Rows& rows_;
};

}  // namespace sluice
