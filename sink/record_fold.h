// Pure: what records of `orders` change in the tables: the fold of invariant I7.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/result.h"
#include "schemas/ids.h"
#include "schemas/order_record.pb.h"
#include "sink/latest_rows.h"
#include "sink/refusal_counts.h"
#include "sink/rows.h"
#include "sink/sale_board.h"

namespace sluice {

class RecordFold {
 public:
  // `sales`: of the partition, as they stand after the records that were folded before.
  RecordFold(Partition partition, Generation generation, std::vector<SaleRow> sales);

  // Folds `record` in. REQUIRES: records come in the order of the log. Fails, changing nothing, on a record that this build
  // cannot fold (written by a newer ledger) or that belongs to other topics than these: both need a person.
  Result<void> add(const v1::OrderRecord& record);

  // What the records since forget_rows() leave behind. Of orders and payments in the order in which they first appeared, which
  // for new ones is the order of their ids. Lives until the next call of anything here.
  const Rows& rows();
  void forget_rows();

 private:
  void add_change(const v1::Change& change, Position version, UnixMillis log_time);

  Partition partition_;
  Generation generation_;
  SaleBoard sales_;
  RefusalCounts refusals_;
  Rows rows_;  // sales and refusals are put in when they are asked for
  LatestRows<std::uint64_t, OrderRow> orders_;
  LatestRows<std::string, PaymentRow> payments_;
  Position first_;  // of the intents since forget_rows(); 0: none
  Position last_;
};

}  // namespace sluice
