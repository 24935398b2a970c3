#include "ledger/record_writer.h"

#include <gtest/gtest.h>

#include "ledger/rules_version.h"

namespace sluice {
namespace {

Verdict refusal(v1::Reason reason) {
  Verdict verdict;
  verdict.refuse(reason);
  return verdict;
}

std::vector<v1::OrderRecord> parse(const EncodedRecords& encoded) {
  std::vector<v1::OrderRecord> records;
  for (const EncodedRecord record : encoded) EXPECT_TRUE(records.emplace_back().ParseFromString(std::string(record.bytes)));
  return records;
}

TEST(RecordWriterTest, WritesExactlyWhatProtobufWouldWrite) {
  v1::Change change;
  change.set_sku("mask");
  change.mutable_frozen()->set_on(true);
  RecordWriter writer(7);
  writer.add_verdict(0, 500, refusal(v1::SOLD_OUT));
  writer.add_verdict(1, 600, refusal(v1::FROZEN));
  writer.add_change(2, 600, change);
  const std::uint64_t digest = writer.digest();
  const EncodedRecords encoded = std::move(writer).finish();
  const std::vector<v1::OrderRecord> records = parse(encoded);

  ASSERT_EQ(records.size(), 2U);
  for (std::size_t i = 0; i < records.size(); ++i) EXPECT_EQ(records[i].SerializeAsString(), encoded[i].bytes);
  EXPECT_EQ(records[0].first_offset(), 0U);
  EXPECT_EQ(records[0].last_offset(), 1U);
  EXPECT_EQ(records[0].log_time_ms(), 500);
  EXPECT_EQ(records[1].change().SerializeAsString(), change.SerializeAsString());
  EXPECT_EQ(records[1].rules_version(), kRulesVersion);
  EXPECT_EQ(records[1].digest(), digest);
}

TEST(RecordWriterTest, KeepsEveryLogTimeOfARun) {
  RecordWriter writer(0);
  const std::vector<UnixMillis> times = {500, 500, 530, 531};
  for (std::size_t i = 0; i < times.size(); ++i) writer.add_verdict(static_cast<Offset>(i), times[i], refusal(v1::SOLD_OUT));
  const v1::OrderRecord record = parse(std::move(writer).finish()).front();
  std::vector<UnixMillis> read;
  for_each_verdict(record, [&](Offset, UnixMillis log_time, const v1::Verdict&) { read.push_back(log_time); });
  EXPECT_EQ(read, times);
}

TEST(RecordWriterTest, CutsALongRun) {
  RecordWriter writer(0);
  const Offset count = RecordWriter::kVerdictsPerRecordMax + 1;
  for (Offset offset = 0; offset < count; ++offset) writer.add_verdict(offset, 500, refusal(v1::SOLD_OUT));
  const std::vector<v1::OrderRecord> records = parse(std::move(writer).finish());
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].last_offset() + 1, records[1].first_offset());
  EXPECT_EQ(static_cast<Offset>(records[1].last_offset()) + 1, count);
}

TEST(RecordWriterTest, CutsARunWhereLogTimeLeapsFartherThanADeltaCanSay) {
  const UnixMillis leap = UnixMillis{1} << 32;
  RecordWriter writer(9);
  writer.add_verdict(0, 500, refusal(v1::SOLD_OUT));
  writer.add_verdict(1, 500 + leap, refusal(v1::SOLD_OUT));
  writer.add_verdict(2, 499 + 2 * leap, refusal(v1::SOLD_OUT));  // just what a delta can say
  const std::uint64_t digest = writer.digest();
  const std::vector<v1::OrderRecord> records = parse(std::move(writer).finish());
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[1].log_time_ms(), 500 + leap);
  EXPECT_EQ(digest_after(digest_after(9, records[0]), records[1]), digest);
}

TEST(RecordWriterTest, ChainsDigestsThatDoNotDependOnWhereRunsAreCut) {
  RecordWriter whole(0);
  for (Offset offset = 0; offset < 5; ++offset) whole.add_verdict(offset, 500 + offset, refusal(v1::SOLD_OUT));
  std::uint64_t digest = 0;
  for (Offset offset = 0; offset < 5; ++offset) {
    RecordWriter single(digest);
    single.add_verdict(offset, 500 + offset, refusal(v1::SOLD_OUT));
    digest = single.digest();
  }
  EXPECT_EQ(whole.digest(), digest);
}

TEST(RecordWriterTest, ComputesTheSameDigestFromARecordAsWhileWriting) {
  RecordWriter writer(9);
  writer.add_verdict(0, 500, refusal(v1::SOLD_OUT));
  writer.add_verdict(1, 700, refusal(v1::FROZEN));
  const v1::OrderRecord record = parse(std::move(writer).finish()).front();
  EXPECT_EQ(digest_after(9, record), record.digest());
  EXPECT_NE(digest_after(8, record), record.digest());
}

// The SKU of each verdict of the run, as a reader sees it.
std::vector<std::string> skus_in(const v1::OrderRecord& record) {
  std::vector<std::string> skus;
  for (int i = 0; i < record.unchanged().verdicts_size(); ++i) skus.push_back(sku_of_verdict(record.unchanged(), i));
  return skus;
}

std::vector<v1::OrderRecord> run_about(const std::vector<std::string>& skus, std::uint64_t digest = 9) {
  RecordWriter writer(digest);
  for (std::size_t i = 0; i < skus.size(); ++i) {
    writer.add_verdict(static_cast<Offset>(i), 500, refusal(v1::SOLD_OUT), skus[i]);
  }
  return parse(std::move(writer).finish());
}

TEST(RecordWriterTest, NamesTheOneSkuOfARunOnce) {
  const v1::OrderRecord record = run_about({"mask", "mask", "mask"}).front();
  EXPECT_EQ(skus_in(record), std::vector<std::string>(3, "mask"));
  EXPECT_EQ(record.unchanged().skus_size(), 1);
  EXPECT_EQ(record.unchanged().sku_of_size(), 0);
}

TEST(RecordWriterTest, NamesNoSkuWhereNoneHasASale) {
  const v1::OrderRecord record = run_about({"", ""}).front();
  EXPECT_EQ(skus_in(record), std::vector<std::string>(2));
  EXPECT_EQ(record.unchanged().skus_size(), 0);
  EXPECT_EQ(record.unchanged().sku_of_size(), 0);
}

TEST(RecordWriterTest, TellsTheSkusOfAMixedRunApart) {
  for (const std::vector<std::string>& skus :
       {std::vector<std::string>{"", "mask", "mask"}, {"mask", ""}, {"mask", "glove", "", "mask", "glove", "visor"}}) {
    const v1::OrderRecord record = run_about(skus).front();
    EXPECT_EQ(skus_in(record), skus);
    EXPECT_EQ(digest_after(9, record), record.digest());
  }
}

TEST(RecordWriterTest, ForgetsTheSkusOfARunThatHasEnded) {
  RecordWriter writer(0);
  writer.add_verdict(0, 500, refusal(v1::SOLD_OUT), "mask");
  writer.add_verdict(1, 500, refusal(v1::SOLD_OUT), "glove");
  writer.add_change(2, 500, v1::Change());
  writer.add_verdict(3, 500, refusal(v1::SOLD_OUT), "glove");
  const std::vector<v1::OrderRecord> records = parse(std::move(writer).finish());
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(skus_in(records[2]), std::vector<std::string>{"glove"});
  EXPECT_EQ(records[2].unchanged().skus_size(), 1);
}

TEST(RecordWriterTest, ProvesByTheDigestWhichSkuWasRefused) {
  EXPECT_NE(run_about({"mask"}).front().digest(), run_about({"glove"}).front().digest());
  EXPECT_NE(run_about({"mask"}).front().digest(), run_about({""}).front().digest());
}

TEST(RecordWriterTest, WritesRunsOfSeveralSkusAsProtobufWould) {
  RecordWriter writer(0);
  writer.add_verdict(0, 500, refusal(v1::SOLD_OUT), "mask");
  writer.add_verdict(1, 501, refusal(v1::FROZEN), "glove");
  const EncodedRecords encoded = std::move(writer).finish();
  EXPECT_EQ(parse(encoded).front().SerializeAsString(), encoded.front().bytes);
}

v1::OrderRecord voided(std::uint64_t first, std::uint64_t last) {
  v1::OrderRecord record;
  record.set_first_offset(first);
  record.set_last_offset(last);
  record.set_log_time_ms(500);
  record.mutable_voided()->set_reason("lost");
  return record;
}

TEST(RecordWriterTest, EveryIntentOfAVoidedRangeIsVoided) {
  std::vector<Offset> seen;
  for_each_verdict(voided(4, 6), [&](Offset offset, UnixMillis log_time, const v1::Verdict& verdict) {
    EXPECT_EQ(verdict.outcome(), v1::VOIDED);
    EXPECT_EQ(log_time, 500);
    seen.push_back(offset);
  });
  EXPECT_EQ(seen, (std::vector<Offset>{4, 5, 6}));
}

// The known answer comes from Python's xxhash and struct.
TEST(RecordWriterTest, AVoidedRangeEntersTheDigestOnceWithBothItsEnds) {
  const std::uint64_t digest = digest_after(7, voided(4, 6));
  EXPECT_EQ(digest, 0x606bbd7521125526U);
  EXPECT_NE(digest_after(7, voided(3, 6)), digest);
  EXPECT_NE(digest_after(7, voided(4, 7)), digest);
  v1::OrderRecord other = voided(4, 6);
  other.mutable_voided()->set_reason("Lost");
  EXPECT_NE(digest_after(7, other), digest);
}

}  // namespace
}  // namespace sluice
