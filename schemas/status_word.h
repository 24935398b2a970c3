// Pure: the word for an order's status outside of protobuf: in Redis, in MySQL and in answers to buyers.
#pragma once

#include <string_view>

#include "schemas/order_record.pb.h"

namespace sluice {

// Empty for a status that no order has.
inline std::string_view status_word(v1::OrderStatus status) {
  switch (status) {
    case v1::HELD:
      return "held";
    case v1::PAID:
      return "paid";
    case v1::CANCELLED:
      return "cancelled";
    case v1::RELEASED:
      return "released";
    case v1::REFUNDED:
      return "refunded";
    default:
      return {};
  }
}

}  // namespace sluice
