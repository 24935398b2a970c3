#include "sink/partition_fold.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace sluice {
namespace {

constexpr std::string_view kFillAnew =
    "or, if this one is to stay, stop every sink, run `mariadb DATABASE < sink/empty_tables.sql` and start them: they fill all "
    "tables anew";

}  // namespace

PartitionFold::PartitionFold(Partition partition, Generation generation, const StoredPosition& stored,
                             std::vector<SaleRow> sales)
    : partition_(partition),
      from_(stored),
      to_(stored),
      coverage_(stored.next),
      is_proven_(stored.next == 0),
      fold_(partition, generation, std::move(sales)) {}

Result<void> PartitionFold::add(const v1::OrderRecord& record, std::int64_t log_offset) {
  if (static_cast<Offset>(record.last_offset()) == from_.next - 1) {
    if (record.digest() != from_.digest) {
      return problem(record, fmt::format("is not the one that was stored: the topic was cut, replaced or written by another "
                                         "ledger. Bring the right one back, {}",
                                         kFillAnew));
    }
    is_proven_ = true;
    return {};
  }
  switch (coverage_.take(record)) {
    case Coverage::Ruling::kSeen:
      return {};
    case Coverage::Ruling::kGap:
      // The same rulings, made again, can lie in other runs.
      if (!is_proven_ && static_cast<Offset>(record.first_offset()) < from_.next) {
        return problem(record, fmt::format("reaches beyond that place: the topic was written anew. Bring the old one back, {}",
                                           kFillAnew));
      }
      return problem(record, "does not continue there: records are missing or overlap");
    case Coverage::Ruling::kNew:
      break;
  }
  if (!is_proven_) return problem(record, "comes without the one before it, which should prove that the log is the same one");
  if (auto added = fold_.add(record); !added) return added;
  to_ = {.next = coverage_.next(), .digest = record.digest(), .orders_offset = log_offset};
  return {};
}

void PartitionFold::mark_stored() {
  from_ = to_;
  fold_.forget_rows();
}

Error PartitionFold::problem(const v1::OrderRecord& record, std::string_view what) const {
  return Error::fatal(
      fmt::format("orders, partition {}: the database stands at intent {}; the record of the intents {} to {} {}. "
                  "Nothing was stored; see sink/README.md",
                  partition_.value, coverage_.next(), record.first_offset(), record.last_offset(), what));
}

}  // namespace sluice
