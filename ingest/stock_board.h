// Pure: how every SKU stands, as anybody may be told. Fed by the records of `orders` as they come, and at a cold start, when
// these begin in the middle of a sale, by what the shared view (Redis) says about the time before.
//
// The two overlap, and neither is newer in everything: each part of a SKU (its terms, whether it is frozen, its counters)
// carries the position that it is from, and the newer one wins. What is missing in both is known not to be only in a partition
// that is complete; until then nothing is said about it.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice {

// One SKU. Also a row of the shared view, where all parts are from `version`.
struct SkuStock {
  Position version;         // of the intent that changed it last
  UnixMillis log_time = 0;  // then, or a little later
  v1::DefineSale terms;
  v1::Counters counters;
  int opened_slots = 0;  // slots 0 .. opened_slots-1 have opened
  bool frozen = false;

  // Whether one of its slots is open at `now`, and nobody has stopped it. It may be sold out.
  bool is_on_sale(UnixMillis now) const;
};

// What was read from the shared view in one go.
struct StoredStocks {
  // By partition: the rows hold whatever was changed before it. Nothing: no such promise.
  std::vector<std::optional<Position>> covered_to = {};
  std::vector<SkuStock> rows = {};
  bool cut = false;  // there are more rows than the bound
};

class StockBoard {
 public:
  // SKUs beyond `skus_max` are not kept.
  StockBoard(Generation generation, int partitions, std::size_t skus_max);

  // The records of a partition, each once and in order.
  void take(Partition partition, const v1::OrderRecord& record);
  // All that the partition held when its reading began has been taken.
  void reached_end(Partition partition);
  void take(const StoredStocks& stored);

  // Nothing more has to be known of the time before the first record.
  bool complete(Partition partition) const;
  bool complete() const;
  // The first record is there, and only the shared view knows what was before it.
  bool needs_stored() const;

  enum class Known {
    kFound,
    kNoSuchSku,
    kNotYet,   // the partition is not complete
    kNotKept,  // there are more SKUs than the bound
  };
  struct Found {
    Known known = Known::kNotYet;
    const SkuStock* stock = nullptr;  // with kFound; until the next take()
  };
  Found find(std::string_view sku) const;

  // The first `count` SKUs in the order of their bytes. REQUIRES: complete().
  std::vector<const SkuStock*> list(std::size_t count) const;
  bool cut() const { return cut_; }

 private:
  struct Line {
    SkuStock stock;
    Position terms_from;   // {0}: not known
    Position frozen_from;  // {0}: as at the beginning of the sale, for all that is known
    // Always, in a complete partition, unless the shared view has lost the row that it promised.
    bool has_terms() const { return terms_from != Position{}; }
  };
  struct Reading {
    std::optional<Offset> begins;  // of the first record
    bool reached_end = false;
    Position covered_to;  // by the shared view
  };

  Line* line_of(std::string_view sku);
  void take(Position position, UnixMillis log_time, const v1::Change& change);
  void take(const SkuStock& row);

  const Generation generation_;
  const std::size_t skus_max_;
  std::map<std::string, Line, std::less<>> lines_;
  std::vector<Reading> readings_;  // by partition
  bool cut_ = false;
};

}  // namespace sluice
