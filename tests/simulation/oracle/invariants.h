// Pure: the invariants of the design, read off the records alone, with neither the intents nor the model: what any reader of
// `orders` could check.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice::oracle {

class Invariants {
 public:
  // Takes the next committed record. The invariant that it breaks, with where; empty if it breaks none.
  std::string broken_by(const v1::OrderRecord& record);

 private:
  struct Sale {
    v1::DefineSale terms;
    std::int64_t opened = 0;     // units, counted by the events, restocks with them
    std::int64_t taken_out = 0;  // of what had opened
    std::map<std::uint64_t, v1::Order> orders;
  };

  std::string broken_by_change(const v1::Change& change);
  std::string take_events(const v1::Change& change, Sale& sale);
  std::string check_piles(const v1::Counters& counters, const Sale& sale) const;
  std::string check_limit(const v1::Change& change, const Sale& sale) const;
  std::string check_payments(const v1::Change& change);
  std::string check_finality(const v1::Verdict& verdict) const;

  using Key = std::pair<std::uint64_t, std::uint64_t>;

  Offset next_ = 0;
  std::map<std::string, Sale> sales_;      // by SKU
  std::map<Key, std::uint64_t> accepted_;  // request key -> order, for the life of the sale
  std::map<std::string, v1::PaymentEnd> payments_;
};

}  // namespace sluice::oracle
