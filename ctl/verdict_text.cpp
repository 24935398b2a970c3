#include "ctl/verdict_text.h"

#include <string_view>

#include "runtime/check.h"

namespace sluice {
namespace {

// The format's NAMES_IN_CAPITALS as they stand everywhere else.
std::string in_small_letters(std::string_view name) {
  std::string text(name);
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

const v1::Verdict& verdict_on(const v1::OrderRecord& record, Offset offset) {
  const auto index = offset - static_cast<Offset>(record.first_offset());
  CHECK(index >= 0 && offset <= static_cast<Offset>(record.last_offset()));
  if (record.has_change()) return record.change().verdict();
  CHECK(index < record.unchanged().verdicts_size());
  return record.unchanged().verdicts(static_cast<int>(index));
}

std::string verdict_text(const v1::Verdict& verdict) {
  std::string text = in_small_letters(v1::Outcome_Name(verdict.outcome()));
  if (verdict.reason() != v1::REASON_UNSPECIFIED) text += ": " + in_small_letters(v1::Reason_Name(verdict.reason()));
  return text;
}

ExitCode exit_code_of(const v1::Verdict& verdict) {
  const bool first_was_refused = verdict.outcome() == v1::DUPLICATE && verdict.reason() != v1::REASON_UNSPECIFIED;
  if (verdict.outcome() == v1::ACCEPTED || (verdict.outcome() == v1::DUPLICATE && !first_was_refused)) return ExitCode::kDone;
  return ExitCode::kRefused;
}

}  // namespace sluice
