#include "ingest/intake.h"

#include "runtime/check.h"
#include "runtime/log.h"
#include "schemas/intent_format.h"
#include "schemas/intent_route.h"

namespace sluice {

Admitted<Wanted> Intake::admit(const Route& route, const HttpRequest& request, UnixMillis now, v1::Intent& intent) {
  intent.Clear();
  intent.set_magic(kIntentMagic);
  switch (route.kind) {
    case Route::Kind::kPurchase:
      return purchase(request, now, intent);
    case Route::Kind::kCancel:
      return cancel(route, request, now, intent);
    case Route::Kind::kPayment:
      return payment(request, now, intent);
    default:
      return admin(route, request, now, intent);
  }
}

// ---- buyers

Admitted<Wanted> Intake::purchase(const HttpRequest& request, UnixMillis now, v1::Intent& intent) {
  Admitted<std::string> user = gate_.authenticate(request.authorization, Role::kBuyer, now);
  if (auto* refusal = std::get_if<Refusal>(&user)) return std::move(*refusal);
  if (auto refusal = problem_with_type(request)) return std::move(*refusal);
  const Admitted<std::string_view> key = admit_key(request);
  if (const auto* refusal = std::get_if<Refusal>(&key)) return *refusal;
  Admitted<PurchaseBody> read = read_purchase(json_, request.body);
  if (auto* refusal = std::get_if<Refusal>(&read)) return std::move(*refusal);
  auto& body = std::get<PurchaseBody>(read);
  auto& buyer = std::get<std::string>(user);
  const auto admitted =
      admit_purchase(buyer, std::get<std::string_view>(key), body.sku, body.quantity, gate_.partitions, intent);
  if (const auto* refusal = std::get_if<Refusal>(&admitted)) return *refusal;
  const auto& purchase = std::get<AdmittedPurchase>(admitted);
  return Wanted{.purpose = {.kind = Purpose::Kind::kPurchase, .user = std::move(buyer)},
                .partition = purchase.partition,
                .key = std::move(body.sku),
                .purchase = purchase};
}

Admitted<Wanted> Intake::cancel(const Route& route, const HttpRequest& request, UnixMillis now, v1::Intent& intent) const {
  Admitted<std::string> user = gate_.authenticate(request.authorization, Role::kBuyer, now);
  if (auto* refusal = std::get_if<Refusal>(&user)) return std::move(*refusal);
  auto& buyer = std::get<std::string>(user);
  const std::optional<Ticket> order = gate_.ids.read(route.name, buyer);
  if (!order) return no_such_order();
  if (!is_ours(*order)) return Refusal{Problem::kAlreadyClosed, "The order is of an earlier life of this shop, and was closed"};
  intent.mutable_cancel()->set_order(order->value);
  intent.mutable_cancel()->set_user(buyer);
  return Wanted{.purpose = {.kind = Purpose::Kind::kCancel, .user = std::move(buyer), .order = *order},
                .partition = route_of(intent, gate_.partitions)};
}

// ---- the payment gateway

// A genuine payment is never dropped: whatever order it names, the ledger takes it, or owes it back. Only without a payment
// id, amount and currency that can be written down there is nothing to take, and that is a matter for people.
Admitted<Wanted> Intake::payment(const HttpRequest& request, UnixMillis now, v1::Intent& intent) {
  if (auto refusal = gate_.webhook.problem_with(request.signature, request.body, now)) return std::move(*refusal);
  v1::Pay& pay = *intent.mutable_pay();
  Admitted<PaymentBody> read = read_payment(json_, request.body);
  auto* refusal = std::get_if<Refusal>(&read);
  if (refusal == nullptr) {
    const auto& body = std::get<PaymentBody>(read);
    pay.set_order(order_in(body.order));
    pay.set_payment_id(body.payment_id);
    pay.set_amount_minor(body.amount_minor);
    pay.set_currency(body.currency);
    if (std::string problem = problem_with(pay); !problem.empty()) {
      refusal = &read.emplace<Refusal>(Problem::kBadField, std::move(problem));
    }
  }
  if (refusal != nullptr) {
    log_warning("a payment with a good signature cannot be taken, and its gateway was told so: {}", refusal->detail);
    return std::move(*refusal);
  }
  return Wanted{.purpose = {.kind = Purpose::Kind::kPayment, .payment_id = pay.payment_id()},
                .partition = route_of(intent, gate_.partitions)};
}

// ---- administration

Admitted<Wanted> Intake::admin(const Route& route, const HttpRequest& request, UnixMillis now, v1::Intent& intent) {
  Admitted<std::string> user = gate_.authenticate(request.authorization, Role::kAdmin, now);
  if (auto* refusal = std::get_if<Refusal>(&user)) return std::move(*refusal);
  const bool may_be_empty = route.kind == Route::Kind::kRefundSettled && request.body.empty();
  if (auto refusal = may_be_empty ? std::nullopt : problem_with_type(request)) return std::move(*refusal);
  std::optional<Refusal> refusal;
  switch (route.kind) {
    case Route::Kind::kApplySale:
      refusal = apply_sale(route, request, *intent.mutable_define_sale());
      break;
    case Route::Kind::kAdjustStock:
      refusal = adjust_stock(route, request, *intent.mutable_adjust_stock());
      break;
    case Route::Kind::kFreeze:
      refusal = freeze(route, request, *intent.mutable_freeze());
      break;
    case Route::Kind::kRefund:
      refusal = refund(route, request, *intent.mutable_refund());
      break;
    default:
      CHECK(route.kind == Route::Kind::kRefundSettled);
      refusal = settle(route, request, *intent.mutable_refund_settled());
  }
  if (refusal) return std::move(*refusal);
  if (std::string problem = problem_with(intent); !problem.empty()) return Refusal{Problem::kBadField, std::move(problem)};
  return Wanted{
      .purpose = {.kind = Purpose::Kind::kAdmin}, .partition = route_of(intent, gate_.partitions), .key = sku_of(intent)};
}

std::optional<Refusal> Intake::apply_sale(const Route& route, const HttpRequest& request, v1::DefineSale& sale) {
  sale.set_sku(route.name.data(), route.name.size());
  return read_sale(json_, request.body, sale);
}

std::optional<Refusal> Intake::adjust_stock(const Route& route, const HttpRequest& request, v1::AdjustStock& adjust) {
  const Admitted<std::string_view> key = admit_key(request);
  if (const auto* refusal = std::get_if<Refusal>(&key)) return *refusal;
  Admitted<StockBody> read = read_stock(json_, request.body);
  if (auto* refusal = std::get_if<Refusal>(&read)) return std::move(*refusal);
  const auto& body = std::get<StockBody>(read);
  adjust.set_request_key(std::string(std::get<std::string_view>(key)));
  adjust.set_sku(route.name.data(), route.name.size());
  adjust.set_delta(body.delta);
  adjust.set_reason(body.reason);
  return std::nullopt;
}

std::optional<Refusal> Intake::freeze(const Route& route, const HttpRequest& request, v1::Freeze& freeze) {
  const Admitted<std::string_view> key = admit_key(request);
  if (const auto* refusal = std::get_if<Refusal>(&key)) return *refusal;
  Admitted<bool> on = read_freeze(json_, request.body);
  if (auto* refusal = std::get_if<Refusal>(&on)) return std::move(*refusal);
  freeze.set_request_key(std::string(std::get<std::string_view>(key)));
  freeze.set_sku(route.name.data(), route.name.size());
  freeze.set_on(std::get<bool>(on));
  return std::nullopt;
}

std::optional<Refusal> Intake::refund(const Route& route, const HttpRequest& request, v1::Refund& refund) {
  const Admitted<std::string_view> key = admit_key(request);
  if (const auto* refusal = std::get_if<Refusal>(&key)) return *refusal;
  Admitted<bool> restock = read_refund(json_, request.body);
  if (auto* refusal = std::get_if<Refusal>(&restock)) return std::move(*refusal);
  const std::uint64_t order = order_in(route.name);
  if (order == 0) return no_such_order();
  refund.set_request_key(std::string(std::get<std::string_view>(key)));
  refund.set_order(order);
  refund.set_restock(std::get<bool>(restock));
  return std::nullopt;
}

std::optional<Refusal> Intake::settle(const Route& route, const HttpRequest& request, v1::RefundSettled& settled) {
  Admitted<std::string> order = read_settled(json_, request.body);
  if (auto* refusal = std::get_if<Refusal>(&order)) return std::move(*refusal);
  settled.set_payment_id(route.name.data(), route.name.size());
  settled.set_order(order_in(std::get<std::string>(order)));
  return std::nullopt;
}

// ---- orders

bool Intake::is_ours(Ticket ticket) const {
  return ticket.position().generation() == gate_.generation && ticket.partition().value < gate_.partitions;
}

std::uint64_t Intake::order_in(std::string_view text) const {
  const std::optional<Ticket> order = PublicIds::read_trusted(text);
  return order && is_ours(*order) ? order->value : 0;
}

}  // namespace sluice
