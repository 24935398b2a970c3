// Shell: what everybody may read without a token: sales, their stock, and the description of the API.
#pragma once

#include <optional>

#include "ingest/http.h"
#include "ingest/routes.h"
#include "runtime/result.h"
#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice {

class PublicReads {
 public:
  // Answers at once, or not yet: then the port `answers` gets the answer later. REQUIRES: the route is kReadSales, kReadSku or
  // kReadApi.
  std::optional<HttpAnswer> on_request(Exchange exchange, const Route& route, const HttpRequest& request, UnixMillis now);

  // The next record of `orders`, which is known to leave no gap.
  void take(Partition partition, const v1::OrderRecord& record, UnixMillis appended);
};

}  // namespace sluice
