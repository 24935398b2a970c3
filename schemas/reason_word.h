// Pure: the word for a reason outside of protobuf: in Redis, in MySQL, in logs and on the command line.
#pragma once

#include <string>

#include "schemas/order_record.pb.h"

namespace sluice {

// The format's NAME_IN_CAPITALS in small letters. Empty for REASON_UNSPECIFIED and for a reason of a newer ledger.
inline std::string reason_word(v1::Reason reason) {
  if (reason == v1::REASON_UNSPECIFIED) return {};
  std::string word = v1::Reason_Name(reason);
  for (char& c : word) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return word;
}

}  // namespace sluice
