#include "ingest/rulings.h"

#include <fmt/format.h>

#include "ingest/json_text.h"
#include "ingest/problems.h"
#include "ingest/reasons.h"

namespace sluice {

HttpAnswer payment_answer(std::string_view payment_id) {
  HttpAnswer answer;
  answer.body = R"({"received":true,"payment_id":)";
  append_json_string(answer.body, payment_id);
  answer.body += "}";
  return answer;
}

HttpAnswer act_answer(const KeptVerdict& verdict, Position position) {
  const bool repeats = verdict.outcome == v1::DUPLICATE;
  const bool took_place = verdict.outcome == v1::ACCEPTED || (repeats && verdict.reason == v1::REASON_UNSPECIFIED);
  if (took_place) {
    return {.body = fmt::format(R"({{"verdict":"{}","position":{}}})", repeats ? "duplicate" : "accepted", position.value)};
  }
  Refusal refusal{Problem::kRefused, std::string(reason_sentence(verdict.outcome, verdict.reason))};
  refusal.more = fmt::format(R"(,"reason":"{}","message":)", reason_name(verdict.outcome, verdict.reason));
  append_json_string(refusal.more, refusal.detail);
  // A repetition may not know any more how many could have gone then.
  const bool known = !repeats || verdict.could_take > 0;
  if (verdict.reason == v1::NOT_ENOUGH_AVAILABLE && known)
    refusal.more += fmt::format(R"(,"could_take":{})", verdict.could_take);
  return problem_answer(refusal);
}

HttpAnswer act_pending_answer() {
  return {.status = 202,
          .body = R"({"verdict":"pending","message":"It is in the log and will be ruled on. To learn how, repeat it with the )"
                  R"(same key: it counts once."})"};
}

HttpAnswer cancel_refused_answer(v1::Reason reason) {
  switch (reason) {
    case v1::ALREADY_PAID:
      return problem_answer({Problem::kAlreadyPaid, "The order is paid. Ask the shop for a refund"});
    case v1::ALREADY_CLOSED:
      return problem_answer({Problem::kAlreadyClosed, "The order's time to pay is over, or it was refunded: nothing is held"});
    case v1::UNKNOWN_ORDER:
    case v1::NOT_YOURS:
      return problem_answer({Problem::kNoSuchOrder, "This request did not become an order: there is nothing to cancel"});
    default:
      return problem_answer(
          {Problem::kRefused, std::string(reason_sentence(reason)), {}, fmt::format(R"(,"reason":"{}")", reason_name(reason))});
  }
}

HttpAnswer with_cancel_pending(HttpAnswer order, std::string_view order_id) {
  HttpAnswer answer{.status = 202};
  if (order.status == 200) {
    answer.body = std::move(order.body);
    answer.body.pop_back();  // the brace
  } else {
    answer.body = fmt::format(R"({{"ticket":"{0}","order":"{0}")", order_id);
  }
  answer.body += R"(,"cancel":"pending"})";
  answer.location = fmt::format("/v1/orders/{}", order_id);
  return answer;
}

}  // namespace sluice
