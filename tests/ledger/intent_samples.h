// Pure: intents for tests, as bytes.
#pragma once

#include <string>

#include "schemas/intent.pb.h"
#include "schemas/intent_format.h"

namespace sluice {

inline std::string purchase_bytes(const std::string& user, const std::string& key, const std::string& sku = "mask",
                                  std::uint32_t quantity = 1) {
  v1::Intent intent;
  intent.set_magic(kIntentMagic);
  intent.mutable_purchase()->set_user(user);
  intent.mutable_purchase()->set_request_key(key);
  intent.mutable_purchase()->set_sku(sku);
  intent.mutable_purchase()->set_quantity(quantity);
  return intent.SerializeAsString();
}

// One slot of `quantity` units from time 0 on.
inline std::string sale_bytes(std::uint32_t quantity, const std::string& sku = "mask", std::uint32_t limit = 2) {
  v1::Intent intent;
  intent.set_magic(kIntentMagic);
  v1::DefineSale& sale = *intent.mutable_define_sale();
  sale.set_sku(sku);
  sale.set_sale_id("feb");
  sale.set_version(1);
  sale.set_currency("CNY");
  sale.set_price_minor(500);
  v1::Slot& slot = *sale.add_slots();
  slot.set_closes_ms(3'600'000);
  slot.set_quantity(quantity);
  sale.set_limit_per_user(limit);
  sale.set_hold_seconds(1200);
  sale.set_late_payment(v1::LATE_PAYMENT_REFUND);
  return intent.SerializeAsString();
}

}  // namespace sluice
