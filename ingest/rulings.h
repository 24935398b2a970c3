// Pure: what was ruled on a cancel, a payment or an administrative act → the answer.
#pragma once

#include <string>
#include <string_view>

#include "ingest/http.h"
#include "ingest/verdicts.h"

namespace sluice {

// The log has the payment, on all replicas. What it pays for is the ledger's to say, and not the gateway's to know.
HttpAnswer payment_answer(std::string_view payment_id);

// An administrative act was ruled on at `position`: 200 accepted or duplicate, or the problem `refused`.
HttpAnswer act_answer(const KeptVerdict& verdict, Position position);

// It is in the log, and not ruled on in time.
HttpAnswer act_pending_answer();

// A cancel was refused.
HttpAnswer cancel_refused_answer(v1::Reason reason);

// The order's answer, told while its cancel is not ruled on. `order_id` serves where the order cannot be read.
HttpAnswer with_cancel_pending(HttpAnswer order, std::string_view order_id);

}  // namespace sluice
