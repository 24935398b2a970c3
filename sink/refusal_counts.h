// Pure: how often purchases were refused, by SKU, slot and reason.
#pragma once

#include <compare>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/ids.h"
#include "schemas/order_record.pb.h"
#include "sink/rows.h"
#include "sink/sale_board.h"

namespace sluice {

class RefusalCounts {
 public:
  // Counts the refused purchases of `record`. `sales` stand as they did before it. Not counted: repetitions of a refused
  // purchase, which were counted when it was, and purchases of SKUs that have no sale, which belong to no row.
  void add(const v1::OrderRecord& record, const SaleBoard& sales);

  // In a fixed order. Without the positions that they are about.
  std::vector<RefusalRow> rows() const;

  void clear() { counts_.clear(); }

 private:
  struct Key {
    std::string sku;
    std::string sale_id;
    int slot;
    v1::Reason reason;
    auto operator<=>(const Key&) const = default;
  };
  struct Place;

  void add_run(const v1::OrderRecord& record, const SaleBoard& sales);
  std::uint64_t& count_of(const SaleRow& sale, int slot, v1::Reason reason);

  std::map<Key, std::uint64_t> counts_;
};

}  // namespace sluice
