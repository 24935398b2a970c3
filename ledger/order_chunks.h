// Pure: how orders lie in the local store. Orders that are reserved together are one row, a chunk: a row of its own for each
// would cost several times what deciding it does. From its first change on an order has a row of its own, which counts instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/ledger_store.h"
#include "ledger/stored.pb.h"
#include "runtime/result.h"

namespace sluice {

// Small enough to look one order up in it, large enough that a row's own cost is spread over some hundred orders.
inline constexpr std::size_t kChunkBytesMax = std::size_t{16} << 10;

// Gathers the new orders of one write into rows.
class ChunkWriter {
 public:
  // `order`: a serialised v1::Order as it was reserved. REQUIRES: ids ascend, also over writes.
  void add(std::uint64_t id, std::string_view order, RowWrites& rows);
  // The rest. To be called before the write.
  void finish(RowWrites& rows);

 private:
  std::uint64_t first_ = 0;
  std::string chunk_;
};

// Walks over the orders of a chunk.
class ChunkReader {
 public:
  explicit ChunkReader(std::string_view chunk) : rest_(chunk) {}

  // False: the chunk has ended, or is damaged.
  bool next();
  bool damaged() const { return damaged_; }

  std::uint64_t id() const { return id_; }
  std::string_view order() const { return order_; }  // a serialised v1::Order

 private:
  bool stop_as_damaged();

  std::string_view rest_;
  std::string_view order_;
  std::uint64_t id_ = 0;
  bool damaged_ = false;
};

// An order as the store has it.
struct KeptOrder {
  std::uint64_t id = 0;
  bool is_new = false;     // as it was reserved
  bool is_first = false;   // of a chunk: about as old as those that follow
  std::string_view bytes;  // a v1::Order if it is new, else a v1::StoredOrder

  // With its version, whichever it is. False: the bytes cannot be read.
  bool read(v1::StoredOrder& stored) const;
};

// Nothing: the chunk does not have it. kDamaged: it cannot be read.
Result<std::optional<KeptOrder>> find_in_chunk(std::string_view chunk, std::uint64_t id);

// Visits the last state of every order, in the order of ids, until the visit returns false. Orders that the lane adds or
// changes meanwhile may be among them, as they were or as they are then. kDamaged: a row cannot be read.
Result<void> visit_orders(LedgerStore& store, const std::function<bool(const KeptOrder&)>& visit);

}  // namespace sluice
