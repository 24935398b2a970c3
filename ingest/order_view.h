// Pure: what an order is to its buyer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice {

// Refunds of one order that are told; payments beyond are left out. Only a gateway that goes wrong brings so many.
inline constexpr std::size_t kRefundsPerOrderMax = 64;

// A payment that goes back, or went back, to the buyer.
struct RefundView {
  std::string payment_id = {};
  Position version = {};  // of the intent that changed it last
  std::int64_t amount_minor = 0;
  std::string currency = {};
  std::string reason = {};  // as the API says it: paid_too_late
  bool settled = false;
};

struct OrderView {
  v1::OrderStatus status = v1::ORDER_STATUS_UNSPECIFIED;  // unspecified: only refunds are known
  std::string sku = {};
  std::string user = {};
  std::uint32_t quantity = 0;
  std::int64_t amount_minor = 0;
  std::string currency = {};
  UnixMillis created = 0;                // in log time
  UnixMillis pay_by = 0;                 // while it is held: append time of the record that reserved it, plus the hold
  Position version = {};                 // of the intent that changed it last
  std::vector<RefundView> refunds = {};  // by payment id
  bool whole = false;                    // all of its history was seen, so that no refund is missing
};

// A newer state of a refund replaces an older one.
void add_refund(OrderView& order, RefundView refund);

// What both know of the same order: of each part the newer.
OrderView merged(OrderView one, const OrderView& other);

}  // namespace sluice
