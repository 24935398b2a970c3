#include "sink/record_fold.h"

#include <fmt/format.h>

#include <utility>

#include "sink/order_history.h"
#include "sink/record_problem.h"

namespace sluice {

RecordFold::RecordFold(Partition partition, Generation generation, std::vector<SaleRow> sales)
    : partition_(partition), generation_(generation), sales_(partition, std::move(sales)) {}

Result<void> RecordFold::add(const v1::OrderRecord& record) {
  if (const std::string problem = problem_with(record, partition_, generation_); !problem.empty()) {
    return Error::fatal(fmt::format("orders, partition {} of generation {}: the record of the intents {} to {} {}",
                                    partition_.value, generation_.value, record.first_offset(), record.last_offset(), problem));
  }
  if (first_ == Position()) first_ = Position::at(generation_, static_cast<Offset>(record.first_offset()));
  last_ = Position::at(generation_, static_cast<Offset>(record.last_offset()));
  refusals_.add(record, sales_);
  if (record.has_change()) add_change(record.change(), last_, record.log_time_ms());
  return {};
}

void RecordFold::add_change(const v1::Change& change, Position version, UnixMillis log_time) {
  sales_.apply(version, log_time, change);
  const Transition transition = transition_of(change);
  for (const v1::Order& order : change.orders()) {
    orders_.row_of(order.id(), rows_.orders) = {version, order};
    rows_.history.push_back({version, order.id(), transition.event, log_time, transition.reason});
  }
  for (const v1::Payment& payment : change.payments()) {
    PaymentRow& row = payments_.row_of(payment.id(), rows_.payments);
    const UnixMillis created = row.version == Position() ? log_time : row.created;
    row = {version, payment, created, log_time};
  }
}

const Rows& RecordFold::rows() {
  rows_.sales = sales_.changed();
  rows_.refusals = refusals_.rows();
  for (RefusalRow& row : rows_.refusals) {
    row.since = first_;
    row.version = last_;
  }
  return rows_;
}

void RecordFold::forget_rows() {
  rows_ = {};
  orders_.clear();
  payments_.clear();
  sales_.forget_changes();
  refusals_.clear();
  first_ = last_ = {};
}

}  // namespace sluice
