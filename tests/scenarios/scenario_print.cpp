#include "tests/scenarios/scenario_print.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string ticket(std::uint64_t value) { return value == 0 ? "none" : fmt::format("#{}", Ticket{value}.position().offset()); }

std::string verdict_text(const v1::Verdict& verdict) {
  std::string text = lower(v1::Outcome_Name(verdict.outcome()));
  if (verdict.reason() != v1::REASON_UNSPECIFIED) text += fmt::format(" {}", lower(v1::Reason_Name(verdict.reason())));
  if (verdict.outcome() == v1::DUPLICATE) text += fmt::format(" of {}", ticket(verdict.duplicate_of()));
  if (verdict.reason() == v1::NOT_ENOUGH_AVAILABLE) text += fmt::format(" could_take={}", verdict.could_take());
  return text;
}

std::string event_text(const v1::Change& change) {
  const google::protobuf::OneofDescriptor* events = v1::Change::descriptor()->FindOneofByName("event");
  std::string text = change.GetReflection()->GetOneofFieldDescriptor(change, events)->name();
  if (change.has_paid() && change.paid().bought_again()) text += "(bought_again)";
  if (change.has_refund_due()) text += fmt::format("({})", lower(v1::Reason_Name(change.refund_due().reason())));
  if (change.has_refunded()) text += change.refunded().restocked() ? "(restocked)" : "(withdrawn)";
  if (change.has_stock_adjusted()) text += fmt::format("({:+})", change.stock_adjusted().delta());
  if (change.has_frozen()) text += change.frozen().on() ? "(on)" : "(off)";
  if (change.has_sale_defined()) {
    text += fmt::format("({} v{})", change.sale_defined().sale().sale_id(), change.sale_defined().sale().version());
  }
  return text;
}

std::string order_text(const v1::Order& order) {
  return fmt::format(" order {} {} x{} {} deadline={}", ticket(order.id()), order.user(), order.quantity(),
                     lower(v1::OrderStatus_Name(order.status())), order.deadline_ms() / 1000.0);
}

std::string payment_text(const v1::Payment& payment) {
  return fmt::format(" payment {} {}{}", payment.id(), lower(v1::PaymentEnd_Name(payment.end())).substr(8),
                     payment.refund_settled() ? " settled" : "");
}

}  // namespace

std::string show_change(Offset offset, const v1::Change& change) {
  std::string line = fmt::format("{} {}", offset, event_text(change));
  if (change.has_only_slots_opened()) line += fmt::format(" {}", verdict_text(change.verdict()));
  for (const v1::SlotOpened& slot : change.slots_opened()) line += fmt::format(" slot {} +{}", slot.index(), slot.quantity());
  for (const v1::Order& order : change.orders()) line += order_text(order);
  for (const v1::Payment& payment : change.payments()) line += payment_text(payment);
  if (!change.sku().empty()) {
    const v1::Counters& c = change.counters();
    line += fmt::format(" | {} defined={} unopened={} available={} held={} sold={} withdrawn={}", change.sku(), c.defined(),
                        c.unopened(), c.available(), c.held(), c.sold(), c.withdrawn());
  }
  return line;
}

std::string show_verdict(Offset offset, const v1::Verdict& verdict, const std::string& sku) {
  return fmt::format("{} {}{}", offset, verdict_text(verdict), sku.empty() ? "" : " | " + sku);
}

}  // namespace sluice
