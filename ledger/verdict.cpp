#include "ledger/verdict.h"

namespace sluice {

Verdict verdict_of(const v1::Verdict& message) {
  return {.outcome = message.outcome(),
          .reason = message.reason(),
          .key = {message.key_high(), message.key_low()},
          .content = message.content(),
          .duplicate_of = message.duplicate_of(),
          .could_take = message.could_take(),
          .admin = message.admin()};
}

void to_message(const Verdict& verdict, v1::Verdict& message) {
  message.set_outcome(verdict.outcome);
  message.set_reason(verdict.reason);
  message.set_key_high(verdict.key.high);
  message.set_key_low(verdict.key.low);
  message.set_content(verdict.content);
  message.set_duplicate_of(verdict.duplicate_of);
  message.set_could_take(verdict.could_take);
  message.set_admin(verdict.admin);
}

void write_verdict(const Verdict& verdict, wire::Cursor& out) {
  out.varint(v1::Verdict::kOutcomeFieldNumber, static_cast<std::uint64_t>(verdict.outcome));
  out.varint(v1::Verdict::kReasonFieldNumber, static_cast<std::uint64_t>(verdict.reason));
  out.fixed64(v1::Verdict::kKeyHighFieldNumber, verdict.key.high);
  out.fixed64(v1::Verdict::kKeyLowFieldNumber, verdict.key.low);
  out.fixed64(v1::Verdict::kContentFieldNumber, verdict.content);
  out.fixed64(v1::Verdict::kDuplicateOfFieldNumber, verdict.duplicate_of);
  out.varint(v1::Verdict::kCouldTakeFieldNumber, static_cast<std::uint64_t>(verdict.could_take));
  out.varint(v1::Verdict::kAdminFieldNumber, verdict.admin ? 1 : 0);
}

}  // namespace sluice
