#include "ctl/partition_report.h"

#include <gmock/gmock.h>

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Intents 0 to 41 are decided, and all that is there reaches to 50.
PartitionReport sound() {
  PartitionReport report;
  report.partition = {3};
  report.intents = {0, 50};
  report.orders = {0, 9};
  report.orders_committed = 9;
  report.first_intent = 42;
  RecordAt& last = report.last.emplace_back();
  last.log_offset = 7;
  last.record.set_first_offset(40);
  last.record.set_last_offset(41);
  last.record.set_log_time_ms(1'000);
  last.record.set_digest(0xab);
  for (const std::uint32_t delta : {0U, 25U}) {
    v1::Verdict& verdict = *last.record.mutable_unchanged()->add_verdicts();
    verdict.set_outcome(v1::REFUSED);
    verdict.set_reason(v1::SOLD_OUT);
    last.record.mutable_unchanged()->add_log_time_deltas_ms(delta);
  }
  return report;
}

TEST(PartitionReport, FindsNothingWrongWithASoundPartition) {
  EXPECT_THAT(findings_of(sound()), IsEmpty());
  EXPECT_EQ(sound().next(), 42);
  EXPECT_THAT(report_text(sound()), HasSubstr("position  42: the next intent to decide; digest 00000000000000ab\n"));
  EXPECT_THAT(report_text(sound()), HasSubstr("intents 40..41  2 refused: sold_out\n"));
  EXPECT_EQ(last_log_time(sound().last.back().record), 1'025);
}

TEST(PartitionReport, AnEmptyPartitionBeginsAtTheFirstIntent) {
  PartitionReport report;
  report.partition = {3};
  EXPECT_EQ(report.next(), 0);
  EXPECT_THAT(findings_of(report), IsEmpty());
}

TEST(PartitionReport, NamesTheCommandForAGapWithItsNumbers) {
  PartitionReport report = sound();
  report.first_intent = 45;
  EXPECT_THAT(findings_of(report), ElementsAre(HasSubstr("sluicectl partition void 3 --from 42 --to 44 --reason TEXT")));
}

TEST(PartitionReport, NeverOffersToVoidWhatWasCutOff) {
  PartitionReport report = sound();
  report.intents.high = report.first_intent = 30;
  EXPECT_THAT(findings_of(report), ElementsAre(AllOf(HasSubstr("intents ends at 30"), Not(HasSubstr("partition void")))));
}

TEST(PartitionReport, TellsAnotherHistoryFromOneThatWasCut) {
  PartitionReport report = sound();
  report.fit = LocalFit::kOtherDigest;
  EXPECT_THAT(findings_of(report), ElementsAre(HasSubstr("made from another history")));
  report.fit = LocalFit::kNoRecord;
  EXPECT_THAT(findings_of(report), ElementsAre(HasSubstr("orders was cut or replaced")));
  EXPECT_THAT(report_text(report), HasSubstr("does not fit"));
}

TEST(PartitionReport, SaysThatTheHistoryIsGone) {
  PartitionReport report = sound();
  report.last.clear();
  report.orders.low = 9;
  EXPECT_EQ(report.next(), std::nullopt) << "nobody knows where it ended";
  EXPECT_THAT(findings_of(report), testing::Contains(HasSubstr("holds no record: its history was deleted")));
}

TEST(PartitionReport, SaysThatSomethingElseLiesInOrders) {
  PartitionReport report = sound();
  report.foreign = 8;
  EXPECT_EQ(report.next(), std::nullopt) << "nothing can be ruled behind it";
  EXPECT_THAT(findings_of(report), testing::Contains(HasSubstr("the message at offset 8 of orders is no record")));
}

TEST(PartitionReport, ShowsAnOpenTransaction) {
  PartitionReport report = sound();
  report.orders_committed = 8;
  EXPECT_THAT(report_text(report), HasSubstr("an open transaction holds back what lies from 8 on"));
}

TEST(PartitionReport, SaysTheSameInJson) {
  PartitionReport report = sound();
  report.owner = "ledger-\"1\"";
  report.group_state = "Stable";
  report.first_intent = 45;
  EXPECT_THAT(
      report_json(report),
      AllOf(HasSubstr(R"({"partition":3,"next":42,"digest":"00000000000000ab",)"),
            HasSubstr(R"("intents":{"low":0,"high":50,"first_from_next":45},"orders":{"low":0,"high":9,"committed":9})"),
            HasSubstr(R"("owner":"ledger-\"1\"","local":"not_asked","last":[{"log_offset":7,)"),
            HasSubstr(R"("findings":["intents 42 to 44 are gone)")));
}

}  // namespace
}  // namespace sluice
