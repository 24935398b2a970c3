// Adapter (simdjson): reads the JSON that buyers get: ingest's answers and the tokens of the shop.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

// Of ingest/README.md, what a buyer needs. Fields that are missing are empty.
struct Answer {
  std::string ticket;
  std::string status;  // pending, held, …, refused
  std::string reason;
  std::string order;
  std::int64_t amount_minor = 0;
  std::string currency;
  std::string pay_by;  // RFC 3339
  std::string json;    // the whole on one line; a JSON string of the bytes if they are no JSON
};

Answer read_answer(std::string_view body);

// The subject of a JWT; nothing if it has none. Its signature is the server's business.
std::optional<std::string> subject_of(std::string_view token);

// `text` in quotes, as JSON wants it.
std::string json_quoted(std::string_view text);

}  // namespace sluice
