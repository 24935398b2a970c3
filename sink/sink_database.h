// Pure: port to the store of the sink. Its transactions are the only place where the sink's progress is kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/result.h"
#include "schemas/ids.h"
#include "sink/rows.h"

namespace sluice {

// How far a partition has been folded into the rows: a row of the table `positions`.
struct StoredPosition {
  Offset next = 0;                 // the first intent whose ruling is not in the rows
  std::uint64_t digest = 0;        // of the record that ends before it; kDigestOfNothing if next is 0
  std::int64_t orders_offset = 0;  // where that record stands in `orders`; only a hint
  bool operator==(const StoredPosition&) const = default;
};

// Why the store does not take a row. It is the row's own fault: the same row would be refused again.
struct RowRefusal {
  std::uint32_t code = 0;
  std::string words;
};

// An error of any call ends the transaction: nothing of it is stored, except that after a failed commit() nobody knows. Either
// way the caller drops what it had in hand and asks position_of() again.
class SinkDatabase {
 public:
  virtual ~SinkDatabase() = default;

  // Where `partition` stands; one that was never stored stands at 0. Fatal if anything was stored with another generation or
  // number of partitions.
  virtual Result<StoredPosition> position_of(Partition partition) = 0;

  // The partition's sales as they stand there. Ask after position_of(): if another sink stores more between the two, the
  // sales are ahead of the position, and begin() fences whoever starts from it.
  virtual Result<std::vector<SaleRow>> sales_of(Partition partition) = 0;

  // Begins a transaction by moving `partition` from `from` to `to`. kFenced: it does not stand at `from` any more, because
  // somebody else has moved it. A second writer that comes before the first has committed waits for it here.
  virtual Result<void> begin(Partition partition, const StoredPosition& from, const StoredPosition& to) = 0;

  // Inserts or updates the rows, each only if it is newer than what is stored; refusals are added to what is counted there.
  // Either all of them are written, or none is and the reason is returned; then the transaction goes on without them.
  // REQUIRES: there are any.
  virtual Result<std::optional<RowRefusal>> upsert(const TableRows& rows) = 0;

  virtual Result<void> commit() = 0;

  // Ends the transaction as if it had never begun.
  virtual void rollback() = 0;
};

}  // namespace sluice
