// Pure: an HTTP request as admission sees it, and an answer. Plain values: the server hides behind them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

inline constexpr std::size_t kBodyBytesMax = 4096;

// Names one request that has not been answered yet. Never reused while the process runs.
using Exchange = std::uint64_t;

// Views into the server's memory, valid until the request is answered or the call that brought it returns, whichever is
// first. A header that is missing is empty.
struct HttpRequest {
  std::string_view method = {};
  std::string_view path = {};  // without the query
  std::string_view wait = {};  // the query's wait=…; empty if there is none
  std::string_view authorization = {};
  std::string_view idempotency_key = {};
  std::string_view content_type = {};
  std::string_view prefer = {};
  std::string_view signature = {};      // Sluice-Signature, of a payment gateway
  std::string_view if_none_match = {};  // the ETag that a reader has
  std::string_view body = {};
  bool body_too_large = false;  // `body` is cut
};

struct HttpAnswer {
  int status = 200;
  std::string body = {};            // JSON; problem+json for 4xx and 5xx
  std::string location = {};        // header Location, empty for none
  int retry_after_seconds = 0;      // header Retry-After, 0 for none
  std::string_view allow = {};      // header Allow, of a 405
  std::string_view challenge = {};  // header WWW-Authenticate, of a 401
  int cache_seconds = 0;            // for everybody; 0: not to be stored
  std::string etag = {};            // header ETag with its quotes, empty for none
};

}  // namespace sluice
