#include "ctl/verdict_text.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

v1::Verdict verdict(v1::Outcome outcome, v1::Reason reason = v1::REASON_UNSPECIFIED) {
  v1::Verdict made;
  made.set_outcome(outcome);
  made.set_reason(reason);
  return made;
}

TEST(VerdictText, SaysOutcomeAndReason) {
  EXPECT_EQ(verdict_text(verdict(v1::ACCEPTED)), "accepted");
  EXPECT_EQ(verdict_text(verdict(v1::REFUSED, v1::LOWER_VERSION)), "refused: lower_version");
  EXPECT_EQ(verdict_text(verdict(v1::DUPLICATE)), "duplicate");
}

TEST(VerdictText, SaysHowManyUnitsCouldGo) {
  v1::Verdict refused = verdict(v1::REFUSED, v1::NOT_ENOUGH_AVAILABLE);
  refused.set_could_take(3);
  EXPECT_EQ(verdict_text(refused), "refused: not_enough_available; 3 could go");
}

TEST(VerdictText, ADuplicateEndsAsItsFirstOneDid) {
  EXPECT_EQ(exit_code_of(verdict(v1::ACCEPTED)), ExitCode::kDone);
  EXPECT_EQ(exit_code_of(verdict(v1::DUPLICATE)), ExitCode::kDone);
  EXPECT_EQ(exit_code_of(verdict(v1::DUPLICATE, v1::SALE_RUNNING)), ExitCode::kRefused);
  EXPECT_EQ(exit_code_of(verdict(v1::REFUSED, v1::SALE_RUNNING)), ExitCode::kRefused);
  EXPECT_EQ(exit_code_of(verdict(v1::UNREADABLE)), ExitCode::kRefused);
}

TEST(VerdictText, FindsTheVerdictInARunOfRefusals) {
  v1::OrderRecord record;
  record.set_first_offset(10);
  record.set_last_offset(12);
  for (const v1::Reason reason : {v1::SOLD_OUT, v1::LOWER_VERSION, v1::FROZEN}) {
    *record.mutable_unchanged()->add_verdicts() = verdict(v1::REFUSED, reason);
  }
  EXPECT_EQ(verdict_on(record, 11).reason(), v1::LOWER_VERSION);
}

TEST(VerdictText, FindsTheVerdictOfAChange) {
  v1::OrderRecord record;
  record.set_first_offset(10);
  record.set_last_offset(10);
  *record.mutable_change()->mutable_verdict() = verdict(v1::ACCEPTED);
  EXPECT_EQ(verdict_on(record, 10).outcome(), v1::ACCEPTED);
}

TEST(VerdictText, SaysOfAVoidedRangeThatItWasLost) {
  v1::OrderRecord record;
  record.set_first_offset(10);
  record.set_last_offset(12);
  record.mutable_voided();
  EXPECT_EQ(verdict_text(verdict_on(record, 12)), "voided: it was lost before it was ruled on");
  EXPECT_EQ(exit_code_of(verdict_on(record, 12)), ExitCode::kRefused);
}

}  // namespace
}  // namespace sluice
