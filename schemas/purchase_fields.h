// Pure: the fields of a purchase where they lie in the intent's bytes. In a rush nearly every intent is one, and reading it so
// costs a tenth of what filling a message with copies does.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "schemas/intent.pb.h"

namespace sluice {

// Views into the bytes, or the message, that they were read from.
struct PurchaseFields {
  std::string_view sku;
  std::string_view user;
  std::string_view request_key;
  std::uint32_t quantity = 0;
};

inline PurchaseFields fields_of(const v1::Purchase& purchase) {
  return {purchase.sku(), purchase.user(), purchase.request_key(), purchase.quantity()};
}

// Reads an intent that is a purchase exactly as every writer here writes it: the magic and the four fields, in order, once
// each, none empty, in ASCII. Nothing for anything else, which may be an intent all the same: read_intent says so.
std::optional<PurchaseFields> read_purchase(std::string_view intent_bytes);

// Whether problem_with(purchase) has nothing to say, without the words.
bool is_well_formed(const PurchaseFields& purchase);

}  // namespace sluice
