// Pure: what records of `orders` change in the table `orders`: the fold of invariant I7. Every record carries the whole order,
// so of several changes of one order in a batch only the last is kept.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/result.h"
#include "schemas/ids.h"
#include "schemas/order_record.pb.h"
#include "schemas/status_word.h"

namespace sluice {

// One row of the table `orders` (schemas/mysql/001_orders.sql).
struct OrderRow {
  Position version;  // of the intent that changed the order to this state
  v1::Order order;

  Ticket id() const { return {order.id()}; }
};

// The rows that a batch of records of one partition leaves behind.
class OrderRows {
 public:
  OrderRows(Partition partition, Generation generation) : partition_(partition), generation_(generation) {}

  // Folds `record` in. REQUIRES: records come in the order of the log. Fails, changing nothing, on a record that this build
  // cannot fold (written by a newer ledger) or that belongs to other topics than these: both need a person.
  Result<void> add(const v1::OrderRecord& record);

  // In the order in which the orders first appeared, which for new ones is the order of their ids.
  const std::vector<OrderRow>& rows() const { return rows_; }

 private:
  std::string problem_with(const v1::OrderRecord& record) const;

  Partition partition_;
  Generation generation_;
  std::vector<OrderRow> rows_;
  absl::flat_hash_map<std::uint64_t, std::size_t> row_of_;  // order id -> index in rows_
};

}  // namespace sluice
