// Pure: the sink's ports in memory, for tests and the simulation. Stores and logs outlive the ports, as servers outlive
// clients.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sink/dead_letters.h"
#include "sink/orders_reader.h"
#include "sink/sink_database.h"

namespace sluice {

// What a database has committed.
struct MemoryStore {
  std::map<Partition, StoredPosition> positions;
  std::map<std::uint64_t, OrderRow> rows;  // by order id
  std::function<bool(const OrderRow&)> refuses = [](const OrderRow&) { return false; };
};

// Fails, once, the call of that number (from 0, counted over all calls of all ports that share it).
struct FaultPlan {
  int calls = 0;
  int fail_at = -1;
  bool is_done_anyway = false;  // a commit, or an append, whose answer is lost

  bool fails_now() { return calls++ == fail_at; }
};

inline Error planned_error() { return Error::retryable("planned"); }

class MemoryDatabase final : public SinkDatabase {
 public:
  MemoryDatabase(MemoryStore& store, FaultPlan& faults) : store_(store), faults_(faults) {}

  Result<StoredPosition> position_of(Partition partition) override {
    open_.reset();
    if (faults_.fails_now()) return planned_error();
    return store_.positions[partition];
  }

  Result<void> begin(Partition partition, const StoredPosition& from, const StoredPosition& to) override {
    CHECK(!open_);
    if (faults_.fails_now()) return planned_error();
    if (store_.positions[partition] != from) return Error::fenced("it does not stand there");
    open_.emplace();
    open_->moved = {partition, to};
    return {};
  }

  Result<std::optional<RowRefusal>> upsert(std::span<const OrderRow> rows) override {
    CHECK(open_);
    if (faults_.fails_now()) {
      open_.reset();
      return planned_error();
    }
    ++statements;
    if (std::ranges::any_of(rows, store_.refuses)) return std::optional(RowRefusal{1406, "Data too long"});
    open_->rows.insert(open_->rows.end(), rows.begin(), rows.end());
    return std::optional<RowRefusal>();
  }

  Result<void> commit() override {
    CHECK(open_);
    const bool fails = faults_.fails_now();
    if (!fails || faults_.is_done_anyway) {
      store_.positions[open_->moved.first] = open_->moved.second;
      for (const OrderRow& row : open_->rows) {
        OrderRow& stored = store_.rows[row.order.id()];
        if (row.version > stored.version) stored = row;
      }
    }
    open_.reset();
    if (fails) return planned_error();
    return {};
  }

  void rollback() override { open_.reset(); }

  int statements = 0;

 private:
  struct Transaction {
    std::pair<Partition, StoredPosition> moved;
    std::vector<OrderRow> rows;
  };
  MemoryStore& store_;
  FaultPlan& faults_;
  std::optional<Transaction> open_;
};

// The records of `orders`; log offsets leave every second number out, as transaction markers do.
using MemoryLog = std::map<Partition, std::vector<v1::OrderRecord>>;

class MemoryOrdersReader final : public OrdersReader {
 public:
  MemoryOrdersReader(const MemoryLog& log, FaultPlan& faults) : log_(log), faults_(faults) {}

  Result<void> start(Partition partition, Offset from, std::int64_t) override {
    if (faults_.fails_now()) return planned_error();
    const std::vector<v1::OrderRecord>& records = log_.at(partition);
    const auto covers = [from](const v1::OrderRecord& r) { return static_cast<Offset>(r.last_offset()) >= from; };
    next_[partition] = static_cast<std::size_t>(std::ranges::find_if(records, covers) - records.begin());
    return {};
  }

  void stop(Partition partition) override { next_.erase(partition); }

  Result<std::span<const PartitionRecord>> poll(int count_max, std::chrono::milliseconds) override {
    if (faults_.fails_now()) return planned_error();
    bytes_.clear();
    polled_.clear();
    for (auto& [partition, next] : next_) {
      const std::vector<v1::OrderRecord>& records = log_.at(partition);
      for (; next < records.size() && polled_.size() < static_cast<std::size_t>(count_max); ++next) {
        bytes_.push_back(records[next].SerializeAsString());
        polled_.push_back({partition, 2 * static_cast<std::int64_t>(next), {}});
      }
    }
    for (std::size_t i = 0; i < polled_.size(); ++i) polled_[i].bytes = bytes_[i];
    return std::span<const PartitionRecord>(polled_);
  }

  bool reads(Partition partition) const { return next_.contains(partition); }

 private:
  const MemoryLog& log_;
  FaultPlan& faults_;
  std::map<Partition, std::size_t> next_;
  std::vector<std::string> bytes_;
  std::vector<PartitionRecord> polled_;
};

class MemoryDeadLetters final : public DeadLetters {
 public:
  explicit MemoryDeadLetters(FaultPlan& faults) : faults_(faults) {}

  Result<void> append(std::span<const v1::DeadLetter> more) override {
    const bool fails = faults_.fails_now();
    if (!fails || faults_.is_done_anyway) letters.insert(letters.end(), more.begin(), more.end());
    if (fails) return planned_error();
    return {};
  }

  std::vector<v1::DeadLetter> letters;

 private:
  FaultPlan& faults_;
};

}  // namespace sluice
