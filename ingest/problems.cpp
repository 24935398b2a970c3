#include "ingest/problems.h"

#include <array>

#include "ingest/json_text.h"
#include "runtime/check.h"

namespace sluice {
namespace {

struct Row {
  Problem problem;
  int status;
  std::string_view name;
  std::string_view title;
  int retry_after_seconds = 0;
};

// Row i is the one of problem i. Every 503 may be repeated with the same Idempotency-Key: the ledger counts a key once.
constexpr std::array kRows = {
    Row{Problem::kMalformedBody, 400, "malformed-body", "The body is not the JSON that it should be"},
    Row{Problem::kBadKey, 400, "bad-idempotency-key", "The header Idempotency-Key is missing or malformed"},
    Row{Problem::kBadWait, 400, "bad-wait", "The parameter wait is malformed"},
    Row{Problem::kBadToken, 401, "bad-token", "The request carries no valid token"},
    Row{Problem::kBadSignature, 401, "bad-signature", "The message is not signed as it must be"},
    Row{Problem::kForbidden, 403, "forbidden", "The token does not allow this"},
    Row{Problem::kNoSuchPath, 404, "no-such-path", "There is nothing at this path"},
    Row{Problem::kNoSuchOrder, 404, "no-such-order", "There is no such order of this user"},
    Row{Problem::kUnknownSku, 404, "unknown-sku", "There is no sale of this SKU"},
    Row{Problem::kMethod, 405, "method-not-allowed", "This path does not know the method"},
    Row{Problem::kAlreadyPaid, 409, "already-paid", "The order is paid"},
    Row{Problem::kAlreadyClosed, 409, "already-closed", "The order is closed"},
    Row{Problem::kRefused, 409, "refused", "The ledger refused it"},
    Row{Problem::kTooLarge, 413, "body-too-large", "The body is larger than 4096 bytes"},
    Row{Problem::kNotJson, 415, "not-json", "The body must be application/json"},
    Row{Problem::kBadField, 422, "bad-field", "A field of the request is wrong"},
    Row{Problem::kOverloaded, 503, "overloaded", "Too many requests are in hand", 2},
    Row{Problem::kNotRecorded, 503, "not-recorded", "The request was not recorded", 1},
    Row{Problem::kUnknownResult, 503, "unknown-result", "Whether the request was recorded is not known", 1},
    Row{Problem::kStopping, 503, "stopping", "This server is stopping", 1},
    Row{Problem::kNotReadable, 503, "not-readable", "The order cannot be read at the moment", 2},
    Row{Problem::kNoWebhook, 503, "webhook-not-configured", "This server takes no payments", 60},
    Row{Problem::kNotKnownYet, 503, "not-known-yet", "How the sales stand is not known here yet", 1},
};

const Row& row_of(Problem problem) {
  const Row& row = kRows.at(static_cast<std::size_t>(problem));
  CHECK(row.problem == problem);
  return row;
}

}  // namespace

Refusal no_such_order() { return {Problem::kNoSuchOrder, "The id is mistyped, or it belongs to another user"}; }

HttpAnswer problem_answer(const Refusal& refusal) {
  const Row& row = row_of(refusal.problem);
  HttpAnswer answer{.status = row.status, .retry_after_seconds = row.retry_after_seconds, .allow = refusal.allow};
  if (refusal.problem == Problem::kBadToken) answer.challenge = "Bearer";
  if (refusal.problem == Problem::kBadSignature) answer.challenge = "Sluice-Signature";
  answer.body = R"({"type":"/problems/)";
  answer.body += row.name;
  answer.body += R"(","title":")";
  answer.body += row.title;
  answer.body += R"(","status":)";
  answer.body += std::to_string(row.status);
  answer.body += R"(,"detail":)";
  append_json_string(answer.body, refusal.detail);
  answer.body += refusal.more;
  answer.body += "}";
  return answer;
}

std::string_view problem_name(Problem problem) { return row_of(problem).name; }

}  // namespace sluice
