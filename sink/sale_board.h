// Pure: how the sales of one partition stand: the fold of what records of `orders` say about a SKU.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/ids.h"
#include "schemas/intent.pb.h"
#include "schemas/order_record.pb.h"
#include "sink/rows.h"

namespace sluice {

class SaleBoard {
 public:
  // `stored`: the sales as they stand after the records that were folded before.
  SaleBoard(Partition partition, std::vector<SaleRow> stored);

  // Takes what an intent changed. A change of a SKU whose definition was never seen is left out: it can only be one whose row
  // the store refused. REQUIRES: changes come in the order of the log.
  void apply(Position version, UnixMillis log_time, const v1::Change& change);

  // Null if no sale of the SKU is known.
  const SaleRow* find(std::string_view sku) const;

  // Those that changed since forget_changes(), by SKU.
  std::vector<SaleRow> changed() const;
  void forget_changes();

 private:
  struct Entry {
    SaleRow row;
    bool is_changed = false;
  };

  Partition partition_;
  std::map<std::string, Entry, std::less<>> sales_;  // by SKU
};

// The slot in whose time `log_time` lies; RefusalRow::kNoSlot if it is in none.
int slot_at(const v1::DefineSale& sale, UnixMillis log_time);

}  // namespace sluice
