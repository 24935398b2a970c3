#include "ingest/bodies.h"

#include <array>

#include "schemas/intent_format.h"

namespace sluice {
namespace {

constexpr std::uint32_t kHoldSecondsDefault = 20 * 60;
constexpr std::string_view kSaleExample =
    R"({"sale_id": "friday", "price_minor": 1900, "currency": "EUR", "limit_per_user": 2, "slots": [{"opens": )"
    R"("2026-12-24T06:00:00Z", "closes": "2026-12-24T06:30:00Z", "quantity": 200}]})";

Admitted<bool> read_flag(JsonBody& json, std::string_view body, std::string_view name, std::string_view example) {
  bool flag = false;
  const std::array<JsonField, 1> fields = {JsonField{name, &flag}};
  if (auto refusal = json.read(body, {example, fields})) return std::move(*refusal);
  return flag;
}

std::optional<Refusal> read_slot(const JsonList::Read& read, v1::DefineSale& into) {
  UnixMillis opens = 0;
  UnixMillis closes = 0;
  std::uint32_t quantity = 0;
  const std::array<JsonField, 3> fields = {JsonField{"opens", JsonTime{&opens}}, JsonField{"closes", JsonTime{&closes}},
                                           JsonField{"quantity", &quantity}};
  if (auto refusal = read(fields)) return refusal;
  v1::Slot& slot = *into.add_slots();
  slot.set_opens_ms(opens);
  slot.set_closes_ms(closes);
  slot.set_quantity(quantity);
  return std::nullopt;
}

}  // namespace

Admitted<PurchaseBody> read_purchase(JsonBody& json, std::string_view body) {
  PurchaseBody read;
  const std::array<JsonField, 2> fields = {JsonField{"sku", &read.sku}, JsonField{"quantity", &read.quantity}};
  if (auto refusal = json.read(body, {R"({"sku": "mask-1", "quantity": 1})", fields})) return std::move(*refusal);
  return read;
}

Admitted<PaymentBody> read_payment(JsonBody& json, std::string_view body) {
  PaymentBody read;
  const std::array<JsonField, 4> fields = {JsonField{"payment_id", &read.payment_id}, JsonField{"order", &read.order},
                                           JsonField{"amount_minor", &read.amount_minor},
                                           JsonField{"currency", &read.currency}};
  const JsonShape shape{R"({"payment_id": "pay-1", "order": "0ABC…", "amount_minor": 1900, "currency": "EUR"})", fields,
                        /*takes_unknown_fields=*/true};
  if (auto refusal = json.read(body, shape)) return std::move(*refusal);
  return read;
}

std::optional<Refusal> read_sale(JsonBody& json, std::string_view body, v1::DefineSale& into) {
  std::uint32_t version = 1;
  std::int64_t price_minor = 0;
  std::uint32_t limit_per_user = 0;
  std::uint32_t hold_seconds = kHoldSecondsDefault;
  std::string late_payment = "refund";
  const JsonList slots{kSlotsMax, [&into](const JsonList::Read& read) { return read_slot(read, into); }};
  const std::array<JsonField, 9> fields = {JsonField{"sale_id", into.mutable_sale_id()},
                                           JsonField{"version", &version, true},
                                           JsonField{"title", into.mutable_title(), true},
                                           JsonField{"price_minor", &price_minor},
                                           JsonField{"currency", into.mutable_currency()},
                                           JsonField{"limit_per_user", &limit_per_user},
                                           JsonField{"hold_seconds", &hold_seconds, true},
                                           JsonField{"late_payment", &late_payment, true},
                                           JsonField{"slots", slots}};
  if (auto refusal = json.read(body, {kSaleExample, fields})) return refusal;
  if (late_payment != "refund" && late_payment != "rebuy_or_refund") {
    return Refusal{Problem::kBadField, "late_payment must be refund or rebuy_or_refund"};
  }
  into.set_version(version);
  into.set_price_minor(price_minor);
  into.set_limit_per_user(limit_per_user);
  into.set_hold_seconds(hold_seconds);
  into.set_late_payment(late_payment == "refund" ? v1::LATE_PAYMENT_REFUND : v1::LATE_PAYMENT_REBUY_OR_REFUND);
  return std::nullopt;
}

Admitted<StockBody> read_stock(JsonBody& json, std::string_view body) {
  StockBody read;
  const std::array<JsonField, 2> fields = {JsonField{"delta", &read.delta}, JsonField{"reason", &read.reason}};
  if (auto refusal = json.read(body, {R"({"delta": -5, "reason": "broken in transit"})", fields})) return std::move(*refusal);
  return read;
}

Admitted<bool> read_freeze(JsonBody& json, std::string_view body) { return read_flag(json, body, "on", R"({"on": true})"); }

Admitted<bool> read_refund(JsonBody& json, std::string_view body) {
  return read_flag(json, body, "restock", R"({"restock": true})");
}

Admitted<std::string> read_settled(JsonBody& json, std::string_view body) {
  std::string order;
  if (body.empty()) return order;
  const std::array<JsonField, 1> fields = {JsonField{"order", &order, true}};
  if (auto refusal = json.read(body, {R"({"order": "0ABC…"})", fields})) return std::move(*refusal);
  return order;
}

}  // namespace sluice
