#include "ledger/view_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "schemas/redis_keys.h"
#include "schemas/status_word.h"

namespace sluice {
namespace {

std::string slots_json(const StockSnapshot& stock) {
  std::string json = "[";
  for (int i = 0; i < stock.sale.slots_size(); ++i) {
    const v1::Slot& slot = stock.sale.slots(i);
    json += fmt::format(R"({}{{"opens_ms":{},"closes_ms":{},"quantity":{},"opened":{}}})", i == 0 ? "" : ",", slot.opens_ms(),
                        slot.closes_ms(), slot.quantity(), i < stock.opened_slots);
  }
  return json + "]";
}

bool is_closed(v1::OrderStatus status) { return status != v1::HELD && status != v1::PAID; }

// The reaper counts the hold from the record's append time, so this is not later than its idea of it as long as this machine's
// clock is not ahead of the broker's.
std::string pay_by(const OrderSnapshot& snapshot) {
  const UnixMillis hold = UnixMillis{1000} * snapshot.order.hold_seconds();
  return std::to_string(std::max<UnixMillis>(snapshot.order.deadline_ms(), snapshot.recorded + hold));
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

ViewRow view_row(const StockSnapshot& stock, UnixMillis log_time) {
  namespace names = redis_keys;
  const v1::DefineSale& sale = stock.sale;
  const v1::Counters& counters = stock.counters;
  return {names::stock(sale.sku()),
          stock.version,
          {{names::kSaleId, sale.sale_id()},
           {names::kTitle, sale.title()},
           {names::kPriceMinor, std::to_string(sale.price_minor())},
           {names::kCurrency, sale.currency()},
           {names::kLimitPerUser, std::to_string(sale.limit_per_user())},
           {names::kHoldSeconds, std::to_string(sale.hold_seconds())},
           {names::kDefined, std::to_string(counters.defined())},
           {names::kUnopened, std::to_string(counters.unopened())},
           {names::kAvailable, std::to_string(counters.available())},
           {names::kHeld, std::to_string(counters.held())},
           {names::kSold, std::to_string(counters.sold())},
           {names::kWithdrawn, std::to_string(counters.withdrawn())},
           {names::kFrozen, stock.frozen ? "1" : "0"},
           {names::kSlots, slots_json(stock)},
           {names::kLogTimeMs, std::to_string(log_time)}}};
}

ViewRow view_row(const OrderSnapshot& snapshot, UnixMillis keep) {
  namespace names = redis_keys;
  const v1::Order& order = snapshot.order;
  ViewRow row{names::order(Ticket{order.id()}),
              snapshot.version,
              {{names::kStatus, std::string(status_word(order.status()))},
               {names::kSku, order.sku()},
               {names::kUser, order.user()},
               {names::kQuantity, std::to_string(order.quantity())},
               {names::kAmountMinor, std::to_string(order.amount_minor())},
               {names::kCurrency, order.currency()},
               {names::kCreatedMs, std::to_string(order.created_ms())},
               {names::kDeadlineMs, std::to_string(order.deadline_ms())}}};
  if (order.status() == v1::HELD) row.fields.emplace_back(names::kPayByMs, pay_by(snapshot));
  if (is_closed(order.status())) row.ends = std::max<UnixMillis>(order.deadline_ms(), snapshot.changed) + keep;
  return row;
}

ViewRow view_row(const AliasSnapshot& alias, UnixMillis keep) {
  return {redis_keys::order(alias.duplicate),
          alias.version(),
          {{redis_keys::kAliasOf, std::to_string(alias.order)}},
          alias.deadline + keep};
}

std::optional<ViewField> view_field(const PaymentSnapshot& snapshot) {
  const v1::Payment& payment = snapshot.payment;
  if (payment.end() != v1::PAYMENT_REFUND_DUE || payment.order() == 0) return std::nullopt;
  return ViewField{redis_keys::refunds(Ticket{payment.order()}), snapshot.version,
                   std::string(redis_keys::kPaymentPrefix).append(payment.id()),
                   fmt::format(R"({{"version":{},"amount_minor":{},"currency":"{}","reason":"{}","settled":{}}})",
                               snapshot.version.value, payment.amount_minor(), payment.currency(),
                               lower(v1::Reason_Name(payment.refund_reason())), payment.refund_settled())};
}

StockSnapshot snapshot_of(const v1::StoredLine& line) {
  return {Position{line.version()}, line.sale(), line.counters(), static_cast<int>(line.opened_slots()), line.frozen()};
}

OrderSnapshot snapshot_of(const v1::StoredOrder& order) {
  return {Position{order.version()}, order.order(), order.changed_ms(), 0};
}

AliasSnapshot snapshot_of(Ticket duplicate, const v1::StoredAlias& alias) {
  return {duplicate, alias.order(), alias.deadline_ms()};
}

PaymentSnapshot snapshot_of(const v1::StoredPayment& payment) { return {Position{payment.version()}, payment.payment()}; }

}  // namespace sluice
