// Shell: the fields that the body of each request has. What their values may be is checked with the intents that they become
// (schemas/intent_format.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/json_body.h"
#include "ingest/problems.h"
#include "schemas/intent.pb.h"

namespace sluice {

struct PurchaseBody {
  std::string sku;
  std::uint32_t quantity = 0;
};
Admitted<PurchaseBody> read_purchase(JsonBody& json, std::string_view body);

// What a payment gateway tells. It may add fields as it likes: refusing them would strand money.
struct PaymentBody {
  std::string payment_id;
  std::string order;  // a public id, or whatever the buyer made of it
  std::int64_t amount_minor = 0;
  std::string currency;
};
Admitted<PaymentBody> read_payment(JsonBody& json, std::string_view body);

// Into all but the SKU, which stands in the path. The keys and defaults are those of sluicectl's sale files.
std::optional<Refusal> read_sale(JsonBody& json, std::string_view body, v1::DefineSale& into);

struct StockBody {
  std::int64_t delta = 0;
  std::string reason;
};
Admitted<StockBody> read_stock(JsonBody& json, std::string_view body);

// {"on": true}
Admitted<bool> read_freeze(JsonBody& json, std::string_view body);

// {"restock": true}
Admitted<bool> read_refund(JsonBody& json, std::string_view body);

// {"order": "<public id>"}; empty: the payment named none. The body itself may be missing.
Admitted<std::string> read_settled(JsonBody& json, std::string_view body);

}  // namespace sluice
