#include "sink/refusal_counts.h"

#include <gmock/gmock.h>

#include "tests/sink/expected_rows.h"
#include "tests/sink/sample_log.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Partition kPartition{3};
constexpr Generation kGeneration{1};

std::vector<std::string> count(const SampleLog& log) {
  SaleBoard board(kPartition, {});
  RefusalCounts counts;
  for (const v1::OrderRecord& record : log.records()) {
    counts.add(record, board);
    board.apply(Position::at(kGeneration, static_cast<Offset>(record.last_offset())), record.log_time_ms(), record.change());
  }
  std::vector<std::string> texts;
  for (const RefusalRow& row : counts.rows()) texts.push_back(text_of(row));
  return texts;
}

void add(v1::Unchanged& run, v1::Outcome outcome, v1::Reason reason, std::uint32_t sku) {
  v1::Verdict& verdict = *run.add_verdicts();
  verdict.set_outcome(outcome);
  verdict.set_reason(reason);
  run.add_sku_of(sku);
}

TEST(RefusalCounts, CountsBySkuSlotAndReason) {
  SampleLog log(kPartition);
  log.define("mask");
  log.define("soap");
  log.refuse(3, "mask", v1::SOLD_OUT);
  log.refuse(2, "mask", v1::LIMIT_REACHED);
  log.refuse(1, "soap", v1::SOLD_OUT);
  log.refuse(4, "mask", v1::SOLD_OUT);
  EXPECT_THAT(count(log), ElementsAre("mask|spring|0|sold_out|7", "mask|spring|0|limit_reached|2", "soap|spring|0|sold_out|1"));
}

// The slots are open in the intents 0..39, 80..119 and 160..199.
TEST(RefusalCounts, ARunOverSeveralSlotsIsCountedInEach) {
  SampleLog log(kPartition);
  log.define("mask");
  log.refuse(249);
  EXPECT_THAT(count(log), ElementsAre("mask|spring|-1|sold_out|130", "mask|spring|0|sold_out|39", "mask|spring|1|sold_out|40",
                                      "mask|spring|2|sold_out|40"));
}

TEST(RefusalCounts, AMixedRunIsCountedBySku) {
  SampleLog log(kPartition);
  log.define("mask");
  log.define("soap");
  v1::Unchanged run;
  run.add_skus("mask");
  run.add_skus("soap");
  for (const std::uint32_t sku : {1U, 2U, 2U, 1U, 2U}) add(run, v1::REFUSED, v1::SOLD_OUT, sku);
  log.run(run);
  EXPECT_THAT(count(log), ElementsAre("mask|spring|0|sold_out|2", "soap|spring|0|sold_out|3"));
}

TEST(RefusalCounts, LeavesOutWhatIsNoRefusedPurchaseOfASale) {
  SampleLog log(kPartition);
  log.define("mask");
  v1::Unchanged run;
  run.add_skus("mask");
  run.add_skus("of no sale");
  add(run, v1::DUPLICATE, v1::SOLD_OUT, 1);
  add(run, v1::DUPLICATE, v1::REASON_UNSPECIFIED, 1);
  add(run, v1::UNREADABLE, v1::REASON_UNSPECIFIED, 0);
  add(run, v1::REFUSED, v1::UNKNOWN_SKU, 0);
  add(run, v1::REFUSED, v1::NOTHING_DUE, 0);
  add(run, v1::REFUSED, v1::SOLD_OUT, 2);
  log.run(run);
  log.refuse(3, "of no sale");
  EXPECT_THAT(count(log), IsEmpty());
}

TEST(RefusalCounts, ARunWithoutSkusIsAboutNone) {
  SampleLog log(kPartition);
  log.define("mask");
  v1::Unchanged run;
  run.add_verdicts()->set_outcome(v1::REFUSED);
  run.mutable_verdicts(0)->set_reason(v1::UNKNOWN_SKU);
  log.run(run);
  EXPECT_THAT(count(log), IsEmpty());
}

TEST(RefusalCounts, CountsThePurchaseThatOpenedASlotAndWasRefusedNevertheless) {
  SampleLog log(kPartition);
  log.define("mask");
  log.open_and_refuse("mask", 1, v1::LIMIT_REACHED);
  EXPECT_THAT(count(log), ElementsAre("mask|spring|0|limit_reached|1"));
}

TEST(RefusalCounts, AnIntentThatOpenedASlotAndIsNoPurchaseIsNotCounted) {
  SampleLog log(kPartition);
  log.define("mask");
  log.open_and_refuse("mask", 1, v1::NOTHING_DUE);
  log.open_and_refuse("mask", 2, v1::NOT_ENOUGH_AVAILABLE);
  std::vector<v1::OrderRecord> records = log.records();
  records[1].mutable_change()->mutable_verdict()->clear_key_high();
  records[2].mutable_change()->mutable_verdict()->set_admin(true);
  SaleBoard board(kPartition, {});
  board.apply(Position::at(kGeneration, 0), records[0].log_time_ms(), records[0].change());
  RefusalCounts counts;
  counts.add(records[1], board);
  counts.add(records[2], board);
  EXPECT_THAT(counts.rows(), IsEmpty());
}

TEST(RefusalCounts, ASaleThatFollowsAnotherIsCountedByItself) {
  SampleLog log(kPartition);
  log.define("mask");
  log.refuse(2);
  log.define("mask", 3, 40, "autumn");
  log.refuse(5);
  EXPECT_THAT(count(log), ElementsAre("mask|autumn|0|sold_out|5", "mask|spring|0|sold_out|2"));
}

}  // namespace
}  // namespace sluice
