// Pure: a partition of `orders` for tests, record by record, as a ledger writes it.
#pragma once

#include <string>
#include <vector>

#include "schemas/digest.h"
#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice {

class SampleLog {
 public:
  explicit SampleLog(Partition partition, Generation generation = {1}) : partition_(partition), generation_(generation) {}

  // The next intent reserves units; the order is named by it.
  Ticket reserve(const std::string& sku = "mask", const std::string& user = "ann") {
    const Ticket id = Ticket::of(partition_, Position::at(generation_, next_));
    v1::Order order;
    order.set_id(id.value);
    order.set_sku(sku);
    order.set_sale_id("spring");
    order.set_user(user);
    order.set_quantity(2);
    order.set_amount_minor(1998);
    order.set_currency("EUR");
    order.set_status(v1::HELD);
    order.set_created_ms(1'000 + next_);
    order.set_deadline_ms(2'000 + next_);
    change(order).mutable_reserved();
    return id;
  }

  // The next intent changes the order as it was written last.
  void set_status(Ticket id, v1::OrderStatus status, const std::string& payment = "") {
    v1::Order order;
    for (const v1::OrderRecord& record : records_) {
      for (const v1::Order& written : record.change().orders()) {
        if (written.id() == id.value) order = written;
      }
    }
    order.set_status(status);
    if (!payment.empty()) order.set_payment_id(payment);
    change(order);
  }

  // The next `count` intents are refused.
  void refuse(int count) {
    v1::OrderRecord& record = append(count);
    for (int i = 0; i < count; ++i) {
      v1::Verdict& verdict = *record.mutable_unchanged()->add_verdicts();
      verdict.set_outcome(v1::REFUSED);
      verdict.set_reason(v1::SOLD_OUT);
    }
  }

  const std::vector<v1::OrderRecord>& records() const { return records_; }
  Partition partition() const { return partition_; }
  Offset next() const { return next_; }
  std::uint64_t digest() const { return records_.empty() ? kDigestOfNothing : records_.back().digest(); }

 private:
  v1::Change& change(const v1::Order& order) {
    v1::Change& change = *append(1).mutable_change();
    change.set_sku(order.sku());
    *change.add_orders() = order;
    change.mutable_verdict()->set_outcome(v1::ACCEPTED);
    return change;
  }

  v1::OrderRecord& append(int covered) {
    const std::uint64_t before = digest();
    v1::OrderRecord& record = records_.emplace_back();
    record.set_first_offset(static_cast<std::uint64_t>(next_));
    next_ += covered;
    record.set_last_offset(static_cast<std::uint64_t>(next_ - 1));
    record.set_log_time_ms(1'000 + next_);
    record.set_rules_version(1);
    record.set_digest(next_digest(before, next_ - 1, record.log_time_ms(), "sample"));
    return record;
  }

  Partition partition_;
  Generation generation_;
  Offset next_ = 0;
  std::vector<v1::OrderRecord> records_;
};

}  // namespace sluice
