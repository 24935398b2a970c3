// Pure: everything that ingest answers instead of doing what was asked, in one table, as problem+json (RFC 9457).
#pragma once

#include <string>
#include <variant>

#include "ingest/http.h"

namespace sluice {

enum class Problem {
  kMalformedBody,
  kBadKey,
  kBadWait,
  kBadToken,
  kBadSignature,
  kForbidden,
  kNoSuchPath,
  kNoSuchOrder,
  kUnknownSku,
  kMethod,
  kAlreadyPaid,
  kAlreadyClosed,
  kRefused,
  kTooLarge,
  kNotJson,
  kBadField,
  kOverloaded,
  kNotRecorded,
  kUnknownResult,
  kStopping,
  kNotReadable,
  kNoWebhook,
  kNotKnownYet,
};

// What is wrong with one request. `detail` names what, and what to do.
struct Refusal {
  Problem problem;
  std::string detail;
  std::string_view allow = {};  // with kMethod
  std::string more = {};        // further members of the answer, as JSON that begins with a comma
};

// What admission made of a request.
template <typename T>
using Admitted = std::variant<T, Refusal>;

// An id that is mistyped, or of another user: which of the two is not told.
Refusal no_such_order();

HttpAnswer problem_answer(const Refusal& refusal);

// The last part of the problem's type: the same word in answers, metrics and logs.
std::string_view problem_name(Problem problem);

}  // namespace sluice
