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

#include "sink/dead_letter_rows.h"
#include "sink/dead_letters.h"
#include "sink/orders_reader.h"
#include "sink/sink_database.h"
#include "tests/sink/expected_rows.h"

namespace sluice {

// What a database has committed.
struct MemoryStore {
  std::map<Partition, StoredPosition> positions;
  std::map<std::uint64_t, OrderRow> orders;
  std::map<std::pair<std::string, Partition>, PaymentRow> payments;
  std::map<std::string, SaleRow> sales;
  std::map<std::pair<std::uint64_t, Position>, HistoryRow> history;
  std::map<std::string, RefusalRow> refusals;  // by the text of all but the count
  // Asked with what would become of the row.
  std::function<bool(const v1::DeadLetter&)> refuses = [](const v1::DeadLetter&) { return false; };

  void write(const OrderRow& row) { keep_newer(orders[row.order.id()], row); }
  void write(const PaymentRow& row) {
    PaymentRow& stored = payments[{row.payment.id(), Ticket{row.payment.ticket()}.partition()}];
    const UnixMillis created = stored.version == Position() ? row.created : stored.created;
    keep_newer(stored, row);
    stored.created = created;
  }
  void write(const SaleRow& row) { keep_newer(sales[row.sale.sku()], row); }
  void write(const HistoryRow& row) { history[{row.order, row.version}] = row; }
  void write(RefusalRow row) {
    const std::uint64_t more = std::exchange(row.count, 0);
    RefusalRow& stored = refusals.try_emplace(text_of(row), row).first->second;
    stored.count += more;
  }

  TableTexts texts() const {
    TableTexts texts;
    for (const auto& [key, row] : orders) texts["orders"].push_back(text_of(row));
    for (const auto& [key, row] : payments) texts["payments"].push_back(text_of(row));
    for (const auto& [key, row] : sales) texts["sales"].push_back(text_of(row));
    for (const auto& [key, row] : history) texts["order_history"].push_back(text_of(row));
    for (const auto& [key, row] : refusals) texts["refusals"].push_back(text_of(row));
    for (auto& [table, rows] : texts) std::ranges::sort(rows);
    for (const auto& [table, select] : table_selects()) texts.try_emplace(table);
    return texts;
  }

 private:
  template <typename Row>
  static void keep_newer(Row& stored, const Row& row) {
    if (row.version > stored.version) stored = row;
  }
};

// Fails, once, the call of that number (from 0, counted over all calls of all ports that share it).
struct FaultPlan {
  int calls = 0;
  int fail_at = -1;
  bool is_done_anyway = false;  // a commit, or an append, whose answer is lost; of a poll, what it read

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

  Result<std::vector<SaleRow>> sales_of(Partition partition) override {
    if (faults_.fails_now()) return planned_error();
    std::vector<SaleRow> rows;
    for (const auto& [sku, row] : store_.sales) {
      if (row.partition == partition) rows.push_back(row);
    }
    return rows;
  }

  Result<std::optional<RowRefusal>> upsert(const TableRows& rows) override {
    CHECK(open_);
    if (faults_.fails_now()) {
      open_.reset();
      return planned_error();
    }
    return std::visit([this](const auto& of_table) { return keep(of_table); }, rows);
  }

  Result<void> commit() override {
    CHECK(open_);
    const bool fails = faults_.fails_now();
    if (!fails || faults_.is_done_anyway) {
      store_.positions[open_->moved.first] = open_->moved.second;
      for (const auto& write : open_->writes) write(store_);
    }
    open_.reset();
    if (fails) return planned_error();
    return {};
  }

  void rollback() override { open_.reset(); }

  int statements = 0;
  std::size_t rows_of_largest = 0;  // statement

 private:
  struct Transaction {
    std::pair<Partition, StoredPosition> moved;
    std::vector<std::function<void(MemoryStore&)>> writes;
  };

  template <typename Row>
  std::optional<RowRefusal> keep(std::span<const Row> rows) {
    CHECK(!rows.empty());
    ++statements;
    rows_of_largest = std::max(rows_of_largest, rows.size());
    const auto is_refused = [this](const Row& row) { return store_.refuses(dead_letter_of(row, {})); };
    if (std::ranges::any_of(rows, is_refused)) return RowRefusal{1406, "Data too long"};
    for (const Row& row : rows) {
      open_->writes.push_back([row](MemoryStore& store) { store.write(row); });
    }
    return std::nullopt;
  }

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
    const bool fails = faults_.fails_now();
    if (fails && !faults_.is_done_anyway) return planned_error();
    bytes_.clear();
    polled_.clear();
    for (auto& [partition, next] : next_) {
      const std::vector<v1::OrderRecord>& records = log_.at(partition);
      for (; next < records.size() && polled_.size() < static_cast<std::size_t>(count_max); ++next) {
        bytes_.push_back(records[next].SerializeAsString());
        polled_.push_back({partition, 2 * static_cast<std::int64_t>(next), {}});
      }
    }
    if (fails) return planned_error();
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
