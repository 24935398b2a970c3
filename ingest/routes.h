// Pure: every entry point of the public API, in one table.
#pragma once

#include <string_view>

#include "ingest/http.h"
#include "ingest/problems.h"

namespace sluice {

// Where a request goes.
struct Route {
  enum class Kind {
    // What a buyer asks for, with their own token.
    kPurchase,
    kReadOrder,
    kCancel,
    // What the payment gateway tells, signed with its secret.
    kPayment,
    // What an administrator asks for.
    kApplySale,
    kAdjustStock,
    kFreeze,
    kRefund,
    kRefundSettled,
    // What everybody may read.
    kReadSales,
    kReadSku,
    kReadApi,
  };
  Kind kind;
  std::string_view name = {};  // what stands in the place of the path's {…}: an id, a SKU, a payment id; not checked
};

// Refuses every request whose body is too large: it is asked before all of it has come.
Admitted<Route> route(const HttpRequest& request);

}  // namespace sluice
