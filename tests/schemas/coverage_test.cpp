#include "schemas/coverage.h"

#include <gtest/gtest.h>

#include <limits>

namespace sluice {
namespace {

using Ruling = Coverage::Ruling;

v1::OrderRecord record_of(std::uint64_t first, std::uint64_t last) {
  v1::OrderRecord record;
  record.set_first_offset(first);
  record.set_last_offset(last);
  return record;
}

TEST(CoverageTest, TakesRecordsThatContinueEachOther) {
  Coverage coverage(0);
  EXPECT_EQ(coverage.take(record_of(0, 0)), Ruling::kNew);
  EXPECT_EQ(coverage.take(record_of(1, 5)), Ruling::kNew);
  EXPECT_EQ(coverage.take(record_of(6, 6)), Ruling::kNew);
  EXPECT_EQ(coverage.next(), 7);
}

TEST(CoverageTest, StartsWhereItWasLeft) {
  Coverage coverage(1'000);
  EXPECT_EQ(coverage.take(record_of(990, 999)), Ruling::kSeen);
  EXPECT_EQ(coverage.take(record_of(1'000, 1'000)), Ruling::kNew);
}

TEST(CoverageTest, DropsWhatItHasSeenAndStaysWhereItIs) {
  Coverage coverage(0);
  ASSERT_EQ(coverage.take(record_of(0, 4)), Ruling::kNew);
  EXPECT_EQ(coverage.take(record_of(0, 4)), Ruling::kSeen);
  EXPECT_EQ(coverage.take(record_of(2, 2)), Ruling::kSeen);
  EXPECT_EQ(coverage.next(), 5);
}

TEST(CoverageTest, StopsAtARecordThatNoPartitionHasRoomFor) {
  Coverage coverage(0);
  EXPECT_EQ(coverage.take(record_of(0, static_cast<std::uint64_t>(std::numeric_limits<Offset>::max()))), Ruling::kGap);
  EXPECT_EQ(coverage.next(), 0);
}

TEST(CoverageTest, StopsAtARecordThatNoLedgerWrites) {
  constexpr auto kNegative = static_cast<std::uint64_t>(Offset{-10'608});
  Coverage coverage(5);
  EXPECT_EQ(coverage.take(record_of(kNegative, 5)), Ruling::kGap);
  EXPECT_EQ(coverage.take(record_of(5, 4)), Ruling::kGap);
  // A reader without a past begins where its first record does.
  Coverage negative(static_cast<Offset>(kNegative));
  EXPECT_EQ(negative.take(record_of(kNegative, 0)), Ruling::kGap);
}

TEST(CoverageTest, StopsAtAGapAndStaysBeforeIt) {
  Coverage coverage(0);
  ASSERT_EQ(coverage.take(record_of(0, 4)), Ruling::kNew);
  EXPECT_EQ(coverage.take(record_of(6, 9)), Ruling::kGap);
  EXPECT_EQ(coverage.next(), 5);
  EXPECT_EQ(coverage.take(record_of(5, 5)), Ruling::kNew);
}

TEST(CoverageTest, StopsAtARecordThatOverlapsItsEdge) {
  Coverage coverage(5);
  EXPECT_EQ(coverage.take(record_of(3, 6)), Ruling::kGap);
  EXPECT_EQ(coverage.take(record_of(4, 5)), Ruling::kGap);
  EXPECT_EQ(coverage.next(), 5);
}

}  // namespace
}  // namespace sluice
