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
  kForbidden,
  kNoSuchPath,
  kNoSuchOrder,
  kMethod,
  kTooLarge,
  kNotJson,
  kBadField,
  kOverloaded,
  kNotRecorded,
  kUnknownResult,
  kStopping,
  kNotReadable,
};

// What is wrong with one request. `detail` names what, and what to do.
struct Refusal {
  Problem problem;
  std::string detail;
  std::string_view allow = {};  // with kMethod
};

// What admission made of a request.
template <typename T>
using Admitted = std::variant<T, Refusal>;

HttpAnswer problem_answer(const Refusal& refusal);

// The last part of the problem's type: the same word in answers, metrics and logs.
std::string_view problem_name(Problem problem);

}  // namespace sluice
