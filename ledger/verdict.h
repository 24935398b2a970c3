// Pure: the ruling on one intent as the asker is told it, as the rules make it and as records have it.
#pragma once

#include <cstdint>

#include "ledger/wire_parts.h"
#include "schemas/fingerprint.h"
#include "schemas/order_record.pb.h"

namespace sluice {

// A plain value, since a flood of refusals is a flood of these. The fields are those of v1::Verdict.
struct Verdict {
  v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;
  v1::Reason reason = v1::REASON_UNSPECIFIED;
  Fingerprint key;  // all 0: none
  std::uint64_t content = 0;
  std::uint64_t duplicate_of = 0;
  std::int64_t could_take = 0;
  bool admin = false;

  void refuse(v1::Reason why) {
    outcome = v1::REFUSED;
    reason = why;
  }

  // `why`: the first one's reason, if it was refused.
  void duplicate(std::uint64_t first_ticket, v1::Reason why = v1::REASON_UNSPECIFIED) {
    outcome = v1::DUPLICATE;
    duplicate_of = first_ticket;
    reason = why;
  }

  void set_key(const Fingerprint& request_key, std::uint64_t request_content) {
    key = request_key;
    content = request_content;
  }

  // A key that was used for something else before says nothing new about that key.
  bool names_its_key() const { return key != Fingerprint{} && reason != v1::KEY_REUSED; }
};

Verdict verdict_of(const v1::Verdict& message);
void to_message(const Verdict& verdict, v1::Verdict& message);

// What write_verdict writes at most.
inline constexpr std::size_t kVerdictBytesMax = 80;

// The bytes of a v1::Verdict, as the generated code writes it.
void write_verdict(const Verdict& verdict, wire::Cursor& out);

}  // namespace sluice
