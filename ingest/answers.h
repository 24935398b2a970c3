// Pure: what is known about a request → the JSON that its buyer reads. The fields are documented in README.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ingest/http.h"
#include "ingest/verdicts.h"

namespace sluice {

// 202 to a purchase, with the Location of its ticket; 200 to a read.
HttpAnswer pending_answer(std::string_view ticket, Offset place, std::optional<double> eta_seconds, bool to_purchase);

// `order`: the public id of the order; another one than the ticket if the request repeated an earlier one.
HttpAnswer order_answer(std::string_view ticket, std::string_view order_id, const OrderView& order);

// `duplicate_of`: public id of the first request with the same key, empty if this is the first.
HttpAnswer refused_answer(std::string_view ticket, std::string_view duplicate_of, const KeptVerdict& verdict);

// Refused so long ago that the window does not hold it any more, and the shared view knows that no order came of it.
HttpAnswer no_longer_kept_answer(std::string_view ticket);

// Decided so long ago that neither the window nor the shared view holds it: refused, or an order that was closed.
HttpAnswer archived_answer(std::string_view ticket);

}  // namespace sluice
