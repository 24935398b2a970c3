// Pure: a partition of `orders` for tests, record by record, as a ledger writes it. Intent n has the log time 1000 + n.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "schemas/digest.h"
#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice {

// Every function is the next intent, unless it says otherwise.
class SampleLog {
 public:
  static constexpr UnixMillis kBegin = 1'000;

  explicit SampleLog(Partition partition, Generation generation = {1}) : partition_(partition), generation_(generation) {}

  // A sale with `slots` slots of 100 units and `slot_ms` each, with as much time between them, the first of which opens now.
  // An old sale of the SKU is replaced, a version of the present one amends it.
  void define(const std::string& sku, int slots = 3, UnixMillis slot_ms = 40, const std::string& sale = "spring",
              std::uint32_t version = 1);

  Ticket reserve(const std::string& sku = "mask", const std::string& user = "ann");
  void pay(Ticket order, const std::string& payment, bool again = false);
  void cancel(Ticket order);
  void release(const std::vector<Ticket>& orders);
  void refund(Ticket order, bool restock = true);  // of a paid one
  // A payment that goes back. Without an order: it names none of ours.
  void give_back(const std::string& payment, Ticket order, v1::Reason reason);
  void settle(const std::string& payment);
  void freeze(const std::string& sku, bool on);

  // The next `count` intents are refused, in one record.
  void refuse(int count, const std::string& sku = "mask", v1::Reason reason = v1::SOLD_OUT);
  // A purchase that opens slot `slot` and is refused itself.
  void open_and_refuse(const std::string& sku, int slot, v1::Reason reason);
  // The next intents, in one record: whatever the run says. Fills in what is not about refusals.
  void run(v1::Unchanged run);

  const std::vector<v1::OrderRecord>& records() const { return records_; }
  // Of the last record.
  const v1::Change& change() const { return records_.back().change(); }
  Partition partition() const { return partition_; }
  Offset next() const { return next_; }
  std::uint64_t digest() const { return records_.empty() ? kDigestOfNothing : records_.back().digest(); }

 private:
  v1::Change& append_change(const std::string& sku, int units_to_hold = 0, int units_to_sell = 0);
  v1::Change& append_order(Ticket order, v1::OrderStatus status, int units_to_hold, int units_to_sell);
  v1::OrderRecord& append(int covered);

  Partition partition_;
  Generation generation_;
  Offset next_ = 0;
  std::vector<v1::OrderRecord> records_;
  std::map<std::uint64_t, v1::Order> orders_;
  std::map<std::string, v1::Payment> payments_;
  std::map<std::string, v1::Counters> counters_;
};

}  // namespace sluice
