#include "sink/order_rows.h"

#include <fmt/format.h>

namespace sluice {

std::string OrderRows::problem_with(const v1::OrderRecord& record) const {
  if (record.body_case() == v1::OrderRecord::BODY_NOT_SET)
    return "is of a kind that this sink does not know: upgrade sluice-sink";
  if (!record.has_change()) return {};
  if (record.first_offset() != record.last_offset()) return "is a change, but covers more than one intent: the log is damaged";
  for (const v1::Order& order : record.change().orders()) {
    const Ticket id{order.id()};
    if (id.partition() != partition_ || id.position().generation() != generation_) {
      return fmt::format(
          "changes order {}, which belongs to partition {} of generation {}: set topics.generation to the one with which the "
          "topics were created",
          id.value, id.partition().value, id.position().generation().value);
    }
    if (status_word(order.status()).empty()) {
      return fmt::format("gives order {} the status {}, which this sink does not know: upgrade sluice-sink", id.value,
                         static_cast<int>(order.status()));
    }
  }
  return {};
}

Result<void> OrderRows::add(const v1::OrderRecord& record) {
  if (const std::string problem = problem_with(record); !problem.empty()) {
    return Error::fatal(fmt::format("orders, partition {} of generation {}: the record of the intents {} to {} {}",
                                    partition_.value, generation_.value, record.first_offset(), record.last_offset(), problem));
  }
  const Position version = Position::at(generation_, static_cast<Offset>(record.last_offset()));
  for (const v1::Order& order : record.change().orders()) {
    const auto [row, is_new] = row_of_.try_emplace(order.id(), rows_.size());
    if (is_new) {
      rows_.push_back({version, order});
    } else {
      rows_[row->second] = {version, order};
    }
  }
  return {};
}

}  // namespace sluice
