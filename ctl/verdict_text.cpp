#include "ctl/verdict_text.h"

#include <string_view>

#include "runtime/check.h"
#include "schemas/reason_word.h"

namespace sluice {
namespace {

std::string_view outcome_word(v1::Outcome outcome) {
  switch (outcome) {
    case v1::ACCEPTED:
      return "accepted";
    case v1::REFUSED:
      return "refused";
    case v1::DUPLICATE:
      return "duplicate";
    case v1::UNREADABLE:
      return "unreadable";
    case v1::VOIDED:
      return "voided: it was lost before it was ruled on";
    default:
      return "ruled on in a way that this sluicectl does not know";
  }
}

}  // namespace

const v1::Verdict& verdict_on(const v1::OrderRecord& record, Offset offset) {
  const auto index = offset - static_cast<Offset>(record.first_offset());
  CHECK(index >= 0 && offset <= static_cast<Offset>(record.last_offset()));
  if (record.has_change()) return record.change().verdict();
  if (record.has_voided()) {
    static const v1::Verdict kVoided = [] {
      v1::Verdict voided;
      voided.set_outcome(v1::VOIDED);
      return voided;
    }();
    return kVoided;
  }
  CHECK(index < record.unchanged().verdicts_size());
  return record.unchanged().verdicts(static_cast<int>(index));
}

std::string verdict_text(const v1::Verdict& verdict) {
  std::string text(outcome_word(verdict.outcome()));
  if (verdict.reason() != v1::REASON_UNSPECIFIED) text += ": " + reason_word(verdict.reason());
  // A duplicate does not always know what the first one was told.
  const bool is_known = verdict.outcome() == v1::REFUSED || verdict.could_take() > 0;
  if (verdict.reason() == v1::NOT_ENOUGH_AVAILABLE && is_known)
    text += "; " + std::to_string(verdict.could_take()) + " could go";
  return text;
}

ExitCode exit_code_of(const v1::Verdict& verdict) {
  const bool first_was_refused = verdict.outcome() == v1::DUPLICATE && verdict.reason() != v1::REASON_UNSPECIFIED;
  if (verdict.outcome() == v1::ACCEPTED || (verdict.outcome() == v1::DUPLICATE && !first_was_refused)) return ExitCode::kDone;
  return ExitCode::kRefused;
}

}  // namespace sluice
