// Adapter (simdjson): the body of a purchase, {"sku": "...", "quantity": n}, read strictly.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "ingest/problems.h"

namespace sluice {

inline constexpr std::size_t kBodyBytesMax = 4096;

struct PurchaseBody {
  std::string sku;  // not checked further
  std::uint32_t quantity = 0;
};

// Owns the parser's memory, so that reading a body allocates nothing. For one thread.
class PurchaseJson {
 public:
  PurchaseJson();
  ~PurchaseJson();
  PurchaseJson(const PurchaseJson&) = delete;
  PurchaseJson& operator=(const PurchaseJson&) = delete;

  // Refuses what is not UTF-8, not one JSON object, has a field twice, a field that is not known, or a quantity that is no
  // whole number from 0 to 2^32 - 1; and never guesses. Each refusal says what was found.
  Admitted<PurchaseBody> read(std::string_view body);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace sluice
