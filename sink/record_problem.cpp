#include "sink/record_problem.h"

#include <fmt/format.h>

#include "schemas/reason_word.h"
#include "schemas/status_word.h"
#include "sink/order_history.h"

namespace sluice {
namespace {

constexpr const char* kUpgrade = "which this sink does not know: upgrade sluice-sink";

// The ticket of an order, or of the intent that brought a payment.
bool is_ours(std::uint64_t ticket, Partition partition, Generation generation) {
  return Ticket{ticket}.partition() == partition && Ticket{ticket}.position().generation() == generation;
}

std::string of_other_topics(std::string_view what, std::uint64_t ticket) {
  return fmt::format(
      "changes {}, which belongs to partition {} of generation {}: set topics.generation to the one with which "
      "the topics were created",
      what, Ticket{ticket}.partition().value, Ticket{ticket}.position().generation().value);
}

std::string problem_with(const v1::Order& order, Partition partition, Generation generation) {
  const std::string name = fmt::format("order {}", order.id());
  if (!is_ours(order.id(), partition, generation)) return of_other_topics(name, order.id());
  if (!status_word(order.status()).empty()) return {};
  return fmt::format("gives {} the status {}, {}", name, static_cast<int>(order.status()), kUpgrade);
}

std::string problem_with(const v1::Payment& payment, Partition partition, Generation generation) {
  const std::string name = fmt::format("payment {}", payment.id());
  if (!is_ours(payment.ticket(), partition, generation)) return of_other_topics(name, payment.ticket());
  if (payment.end() != v1::PAYMENT_PAID && payment.end() != v1::PAYMENT_REFUND_DUE) {
    return fmt::format("gives {} the end {}, {}", name, static_cast<int>(payment.end()), kUpgrade);
  }
  if (payment.end() != v1::PAYMENT_REFUND_DUE || !reason_word(payment.refund_reason()).empty()) return {};
  return fmt::format("gives {} back for the reason {}, {}", name, static_cast<int>(payment.refund_reason()), kUpgrade);
}

std::string problem_with(const v1::Verdict& verdict) {
  if (verdict.outcome() != v1::REFUSED || !reason_word(verdict.reason()).empty()) return {};
  return fmt::format("refuses for the reason {}, {}", static_cast<int>(verdict.reason()), kUpgrade);
}

std::string problem_with(const v1::Change& change, Partition partition, Generation generation) {
  if (change.event_case() == v1::Change::EVENT_NOT_SET) return fmt::format("tells an event {}", kUpgrade);
  if (!change.orders().empty() && transition_of(change).event.empty()) {
    return fmt::format("changes orders by the event {}, {}", static_cast<int>(change.event_case()), kUpgrade);
  }
  for (const v1::Order& order : change.orders()) {
    if (std::string problem = problem_with(order, partition, generation); !problem.empty()) return problem;
  }
  for (const v1::Payment& payment : change.payments()) {
    if (std::string problem = problem_with(payment, partition, generation); !problem.empty()) return problem;
  }
  const v1::LatePayment late = change.sale_defined().sale().late_payment();
  if (change.has_sale_defined() && late != v1::LATE_PAYMENT_REFUND && late != v1::LATE_PAYMENT_REBUY_OR_REFUND) {
    return fmt::format("defines a sale with the late-payment policy {}, {}", static_cast<int>(late), kUpgrade);
  }
  return problem_with(change.verdict());
}

std::string problem_with(const v1::Unchanged& run, std::uint64_t covered) {
  const auto verdicts = static_cast<std::uint64_t>(run.verdicts_size());
  const auto fits = [verdicts](int size) { return size == 0 || static_cast<std::uint64_t>(size) == verdicts; };
  if (verdicts != covered || !fits(run.log_time_deltas_ms_size()) || !fits(run.sku_of_size())) {
    return "has not one verdict, log time and SKU for each of its intents: the log is damaged";
  }
  for (const std::uint32_t which : run.sku_of()) {
    if (which > static_cast<std::uint32_t>(run.skus_size())) return "names a SKU that it does not list: the log is damaged";
  }
  for (const v1::Verdict& verdict : run.verdicts()) {
    if (std::string problem = problem_with(verdict); !problem.empty()) return problem;
  }
  return {};
}

}  // namespace

std::string problem_with(const v1::OrderRecord& record, Partition partition, Generation generation) {
  switch (record.body_case()) {
    case v1::OrderRecord::kUnchanged:
      return problem_with(record.unchanged(), record.last_offset() - record.first_offset() + 1);
    case v1::OrderRecord::kVoided:
      return {};
    case v1::OrderRecord::kChange:
      if (record.first_offset() != record.last_offset()) {
        return "is a change, but covers more than one intent: the log is damaged";
      }
      return problem_with(record.change(), partition, generation);
    default:
      return fmt::format("is of a kind {}", kUpgrade);
  }
}

}  // namespace sluice
