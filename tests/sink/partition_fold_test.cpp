#include "sink/partition_fold.h"

#include <gmock/gmock.h>

#include "tests/sink/sample_log.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr Partition kPartition{0};
constexpr Generation kGeneration{1};
constexpr const char* kCommand = "`mariadb DATABASE < sink/empty_tables.sql`";

// Ten intents in five records: 0, 1..4, 5, 6..8, 9.
SampleLog five_records() {
  SampleLog log(kPartition);
  log.reserve();
  log.refuse(4);
  log.reserve();
  log.refuse(3);
  log.reserve();
  return log;
}

// The position of a store that has the first `records` of them.
StoredPosition after(const SampleLog& log, std::size_t records) {
  const v1::OrderRecord& last = log.records()[records - 1];
  return {.next = static_cast<Offset>(last.last_offset()) + 1,
          .digest = last.digest(),
          .orders_offset = static_cast<std::int64_t>(records) - 1};
}

TEST(PartitionFold, FoldsTheLogFromItsStart) {
  const SampleLog log = five_records();
  PartitionFold fold(kPartition, kGeneration, {}, {});
  EXPECT_EQ(fold.reads_from(), 0);
  for (std::size_t i = 0; i < log.records().size(); ++i) {
    ASSERT_TRUE(fold.add(log.records()[i], static_cast<std::int64_t>(i)).ok());
  }
  EXPECT_THAT(fold.rows().orders, SizeIs(3));
  EXPECT_EQ(fold.from(), StoredPosition());
  EXPECT_EQ(fold.to(), after(log, 5));
}

TEST(PartitionFold, ContinuesWhereTheStoreStandsAfterReadingTheLastRecordOnceMore) {
  const SampleLog log = five_records();
  PartitionFold fold(kPartition, kGeneration, after(log, 2), {});
  EXPECT_EQ(fold.reads_from(), 4);
  ASSERT_TRUE(fold.add(log.records()[1], 1).ok());
  EXPECT_FALSE(fold.has_news());
  EXPECT_EQ(fold.reads_from(), 5);
  ASSERT_TRUE(fold.add(log.records()[2], 2).ok());
  EXPECT_TRUE(fold.has_news());
  EXPECT_THAT(fold.rows().orders, SizeIs(1));
}

TEST(PartitionFold, DropsWhatItHasSeen) {
  const SampleLog log = five_records();
  PartitionFold fold(kPartition, kGeneration, after(log, 3), {});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(fold.add(log.records()[static_cast<std::size_t>(i)], i).ok());
  EXPECT_FALSE(fold.has_news());
  EXPECT_EQ(fold.rows().size(), 0);
}

TEST(PartitionFold, ARunOfRefusalsIsNewsWithoutRows) {
  SampleLog log(kPartition);
  log.refuse(100);
  PartitionFold fold(kPartition, kGeneration, {}, {});
  ASSERT_TRUE(fold.add(log.records()[0], 0).ok());
  EXPECT_TRUE(fold.has_news());
  EXPECT_EQ(fold.rows().size(), 0);
  EXPECT_EQ(fold.to().next, 100);
}

TEST(PartitionFold, CountsARefusalOnceAlthoughItsRecordIsReadOnceMore) {
  SampleLog log(kPartition);
  log.define("mask");
  log.refuse(4);
  PartitionFold first(kPartition, kGeneration, {}, {});
  for (const v1::OrderRecord& record : log.records()) ASSERT_TRUE(first.add(record, 0).ok());
  EXPECT_EQ(first.rows().refusals.at(0).count, 4);
  PartitionFold again(kPartition, kGeneration, after(log, 2), first.rows().sales);
  ASSERT_TRUE(again.add(log.records()[1], 1).ok());
  EXPECT_EQ(again.rows().size(), 0);
}

TEST(PartitionFold, WhatIsStoredIsTheStartOfTheNextTransaction) {
  const SampleLog log = five_records();
  PartitionFold fold(kPartition, kGeneration, {}, {});
  ASSERT_TRUE(fold.add(log.records()[0], 0).ok());
  fold.mark_stored();
  EXPECT_FALSE(fold.has_news());
  EXPECT_EQ(fold.rows().size(), 0);
  EXPECT_EQ(fold.from(), after(log, 1));
  ASSERT_TRUE(fold.add(log.records()[1], 1).ok());
  EXPECT_EQ(fold.from(), after(log, 1));
  EXPECT_EQ(fold.to(), after(log, 2));
}

TEST(PartitionFold, StopsAtAGap) {
  const SampleLog log = five_records();
  PartitionFold fold(kPartition, kGeneration, {}, {});
  ASSERT_TRUE(fold.add(log.records()[0], 0).ok());
  const auto added = fold.add(log.records()[2], 2);
  ASSERT_FALSE(added.ok());
  EXPECT_EQ(added.error().kind, Error::Kind::kFatal);
  EXPECT_THAT(added.error().message, HasSubstr("stands at intent 1; the record of the intents 5 to 5 does not continue there"));
}

TEST(PartitionFold, StopsAtAnOverlap) {
  const SampleLog log = five_records();
  StoredPosition inside = after(log, 2);
  inside.next = 3;
  PartitionFold fold(kPartition, kGeneration, inside, {});
  EXPECT_FALSE(fold.add(log.records()[1], 1).ok());
}

TEST(PartitionFold, StopsAtALogThatIsNotTheOneThatWasStored) {
  const SampleLog log = five_records();
  StoredPosition stored = after(log, 2);
  stored.digest ^= 1;
  PartitionFold fold(kPartition, kGeneration, stored, {});
  const auto added = fold.add(log.records()[1], 1);
  ASSERT_FALSE(added.ok());
  EXPECT_THAT(added.error().message, HasSubstr("is not the one that was stored: the topic was cut, replaced"));
  EXPECT_THAT(added.error().message, HasSubstr(kCommand));
}

// A replay makes the same rulings, and may write refusals into longer runs.
TEST(PartitionFold, StopsAtARecordThatReachesBeyondWhereTheStoreStandsAndNamesTheCommand) {
  SampleLog log(kPartition);
  log.define("mask");
  log.refuse(4);
  StoredPosition inside = after(log, 2);
  inside.next -= 2;
  PartitionFold fold(kPartition, kGeneration, inside, {});
  const auto added = fold.add(log.records()[1], 1);
  ASSERT_FALSE(added.ok());
  EXPECT_EQ(added.error().kind, Error::Kind::kFatal);
  EXPECT_THAT(added.error().message, HasSubstr("reaches beyond that place: the topic was written anew"));
  EXPECT_THAT(added.error().message, HasSubstr(kCommand));
}

TEST(PartitionFold, StopsAtALogWhoseRecordBeforeIsGone) {
  const SampleLog log = five_records();
  PartitionFold fold(kPartition, kGeneration, after(log, 2), {});
  const auto added = fold.add(log.records()[2], 2);
  ASSERT_FALSE(added.ok());
  EXPECT_THAT(added.error().message, HasSubstr("without the one before it"));
}

}  // namespace
}  // namespace sluice
