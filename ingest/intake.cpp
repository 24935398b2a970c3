#include "ingest/intake.h"

namespace sluice {

Admitted<Wanted> Intake::admit(const Route& route, const HttpRequest& request, UnixMillis now, v1::Intent& intent) {
  switch (route.kind) {
    case Route::Kind::kPurchase:
      return purchase(request, now, intent);
    default:
      return Refusal{Problem::kNoSuchPath, "This is not built yet"};
  }
}

Admitted<Wanted> Intake::purchase(const HttpRequest& request, UnixMillis now, v1::Intent& intent) {
  Admitted<std::string> user = authenticate_(request.authorization, Role::kBuyer, now);
  if (auto* refusal = std::get_if<Refusal>(&user)) return std::move(*refusal);
  const Admitted<std::string_view> key = admit_key(request);
  if (const auto* refusal = std::get_if<Refusal>(&key)) return *refusal;
  Admitted<PurchaseBody> read = purchase_json_.read(request.body);
  if (auto* refusal = std::get_if<Refusal>(&read)) return std::move(*refusal);
  PurchaseBody& body = std::get<PurchaseBody>(read);
  auto& buyer = std::get<std::string>(user);
  const auto admitted = admit_purchase(buyer, std::get<std::string_view>(key), body.sku, body.quantity, partitions_, intent);
  if (const auto* refusal = std::get_if<Refusal>(&admitted)) return *refusal;
  const auto& purchase = std::get<AdmittedPurchase>(admitted);
  return Wanted{.purpose = {.kind = Purpose::Kind::kPurchase, .user = std::move(buyer)},
                .partition = purchase.partition,
                .key = std::move(body.sku),
                .purchase = purchase};
}

}  // namespace sluice
