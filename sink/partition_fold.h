// Pure: how the records of one partition are taken: checked against what is stored, dropped if they have been seen, folded into
// the rows of the next transaction. Stops at a gap (invariant I5).
#pragma once

#include <string_view>
#include <vector>

#include "runtime/result.h"
#include "schemas/coverage.h"
#include "schemas/ids.h"
#include "schemas/order_record.pb.h"
#include "sink/record_fold.h"
#include "sink/sink_database.h"

namespace sluice {

class PartitionFold {
 public:
  // `stored`, `sales`: how the store stands.
  PartitionFold(Partition partition, Generation generation, const StoredPosition& stored, std::vector<SaleRow> sales);

  // The record that ends where the store stands is read once more, since its digest proves that the log is still the one that
  // the rows come from.
  Offset reads_from() const { return is_proven_ ? coverage_.next() : coverage_.next() - 1; }

  // Takes the next record of the log, which stands at `log_offset` of `orders`. After an error, which is fatal, the fold is of
  // no use any more.
  Result<void> add(const v1::OrderRecord& record, std::int64_t log_offset);

  // Whether there is anything to store; a record may have no rows, but always moves the position.
  bool has_news() const { return to_.next != from_.next; }
  const StoredPosition& from() const { return from_; }
  const StoredPosition& to() const { return to_; }
  const Rows& rows() { return fold_.rows(); }  // of the next transaction; until the next call of anything here

  // What was added has been committed.
  void mark_stored();

 private:
  Error problem(const v1::OrderRecord& record, std::string_view what) const;

  Partition partition_;
  StoredPosition from_;
  StoredPosition to_;
  Coverage coverage_;
  bool is_proven_;
  RecordFold fold_;
};

}  // namespace sluice
