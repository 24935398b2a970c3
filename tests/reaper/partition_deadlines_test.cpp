#include "reaper/partition_deadlines.h"

#include <gmock/gmock.h>

#include <chrono>

namespace sluice {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr Partition kPartition{3};
constexpr Generation kGeneration{1};
constexpr UnixMillis kHold = 1'200'000;

// Record after record of one partition, as a ledger writes them.
class PartitionDeadlinesTest : public testing::Test {
 protected:
  v1::OrderRecord next_record(UnixMillis log_time) {
    v1::OrderRecord record;
    record.set_first_offset(static_cast<std::uint64_t>(next_));
    record.set_last_offset(static_cast<std::uint64_t>(next_++));
    record.set_log_time_ms(log_time);
    return record;
  }

  void take(const v1::OrderRecord& record, UnixMillis append_time) {
    const auto taken = deadlines_.take(record, log_offset_++, append_time, happened_);
    ASSERT_TRUE(taken) << taken.error().message;
  }

  v1::Order reserve(const std::string& sku, UnixMillis log_time) {
    v1::OrderRecord record = next_record(log_time);
    v1::Change& change = *record.mutable_change();
    change.set_sku(sku);
    change.mutable_reserved();
    v1::Order& order = *change.add_orders();
    order.set_id(Ticket::of(kPartition, Position::at(kGeneration, next_ - 1)).value);
    order.set_status(v1::HELD);
    order.set_hold_seconds(1200);
    order.set_deadline_ms(log_time + kHold);
    take(record, log_time);
    return order;
  }

  void release(const std::string& sku, const std::vector<v1::Order>& orders, UnixMillis log_time) {
    v1::OrderRecord record = next_record(log_time);
    record.mutable_change()->set_sku(sku);
    record.mutable_change()->mutable_released();
    for (const v1::Order& order : orders) {
      *record.mutable_change()->add_orders() = order;
      record.mutable_change()->mutable_orders()->rbegin()->set_status(v1::RELEASED);
    }
    take(record, log_time);
  }

  // A run of refusals that ends at `log_time`.
  void refuse(UnixMillis log_time) {
    v1::OrderRecord record = next_record(log_time - 70);
    record.set_last_offset(static_cast<std::uint64_t>(++next_));
    ++next_;
    for (const std::uint32_t delta : {0U, 30U, 40U}) {
      record.mutable_unchanged()->add_verdicts();
      record.mutable_unchanged()->add_log_time_deltas_ms(delta);
    }
    take(record, log_time);
  }

  std::vector<Proposal> propose(UnixMillis now) {
    std::vector<Proposal> proposals;
    deadlines_.propose(now, proposals);
    return proposals;
  }

  Offset next_ = 0;
  std::int64_t log_offset_ = 0;
  Happened happened_;
  PartitionDeadlines deadlines_{kPartition, kGeneration, {}, {}, 1};
};

TEST_F(PartitionDeadlinesTest, AsksForTheTimeFirstAndThenForTheRelease) {
  reserve("mask", 1'000);
  EXPECT_THAT(propose(1'000 + kHold - 1), IsEmpty());
  const auto asks = propose(1'000 + kHold);
  ASSERT_THAT(asks, SizeIs(1));
  EXPECT_EQ(asks[0].due.sku(), "mask");
  EXPECT_EQ(asks[0].due.through_ms(), 0);
  EXPECT_THAT(propose(1'000 + kHold + 1), IsEmpty()) << "it is on its way";
  refuse(1'000 + kHold + 5);
  const auto release = propose(1'000 + kHold + 6);
  ASSERT_THAT(release, SizeIs(1));
  EXPECT_EQ(release[0].due.through_ms(), 1'000 + kHold + 5);
  EXPECT_EQ(release[0].due.limit(), 1000U);
}

TEST_F(PartitionDeadlinesTest, AsksForNoTimeWhereTheLogTellsItByItself) {
  reserve("mask", 1'000);
  refuse(1'000 + kHold);
  const auto release = propose(0);
  ASSERT_THAT(release, SizeIs(1));
  EXPECT_EQ(release[0].due.through_ms(), 1'000 + kHold);
}

TEST_F(PartitionDeadlinesTest, AsksForTheTimeOnceForManySkus) {
  for (int i = 0; i < 100; ++i) reserve("sku-" + std::to_string(i), 1'000);
  EXPECT_THAT(propose(1'000 + kHold), SizeIs(1));
  refuse(1'000 + kHold);
  EXPECT_THAT(propose(1'000 + kHold), SizeIs(100));
  EXPECT_THAT(propose(1'000 + kHold), IsEmpty());
}

TEST_F(PartitionDeadlinesTest, TellsHowLateAReleaseWas) {
  const v1::Order order = reserve("mask", 1'000);
  release("mask", {order}, 1'000 + kHold + 40);
  EXPECT_THAT(happened_.release_delays, testing::ElementsAre(40));
  EXPECT_EQ(deadlines_.held(), 0U);
  EXPECT_EQ(deadlines_.due_at(), kNever);
}

TEST_F(PartitionDeadlinesTest, DropsWhatItHasSeen) {
  v1::OrderRecord first = next_record(5);
  first.mutable_unchanged();
  take(first, 5);
  take(first, 5);
  EXPECT_EQ(deadlines_.next(), 1);
}

TEST_F(PartitionDeadlinesTest, ItsMarkIsTheOldestLiveRecordOrTheEnd) {
  EXPECT_EQ(deadlines_.read_mark(), (ReadMark{0, 0}));
  refuse(500);
  const v1::Order first = reserve("mask", 1'000);
  const v1::Order second = reserve("soap", 1'000);
  EXPECT_EQ(deadlines_.read_mark(), (ReadMark{1, 3}));
  release("mask", {first}, 2'000);
  EXPECT_EQ(deadlines_.read_mark(), (ReadMark{2, 4}));
  release("soap", {second}, 2'000);
  EXPECT_EQ(deadlines_.read_mark(), (ReadMark{5, 7}));
}

// A million held orders are what a large sale has: a turn must not look at all of them.
TEST_F(PartitionDeadlinesTest, AMillionHeldOrdersMakeNoTurnSlow) {
  constexpr int kRecords = 1'000;
  constexpr int kOrdersEach = 1'000;  // more than a ledger writes at once, to be quick
  for (int i = 0; i < kRecords; ++i) {
    v1::OrderRecord record = next_record(1'000 + i);
    record.mutable_change()->set_sku(i % 4 == 0 ? "mask" : "soap");
    record.mutable_change()->mutable_reserved();
    for (int j = 0; j < kOrdersEach; ++j) {
      v1::Order& order = *record.mutable_change()->add_orders();
      order.set_id(Ticket::of(kPartition, Position::at(kGeneration, i * kOrdersEach + j)).value);
      order.set_status(v1::HELD);
      order.set_hold_seconds(1200);
      order.set_deadline_ms(record.log_time_ms() + kHold);
    }
    take(record, record.log_time_ms());
  }
  ASSERT_EQ(deadlines_.held(), 1'000'000U);
  const auto begun = std::chrono::steady_clock::now();
  constexpr int kTurns = 1'000;
  for (int i = 0; i < kTurns; ++i) {
    (void)propose(1'000 + kHold - 1);
    (void)deadlines_.read_mark();
  }
  refuse(20'000 + kHold);
  EXPECT_THAT(propose(20'000 + kHold), SizeIs(8)) << "four of each SKU";
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(3));
}

TEST_F(PartitionDeadlinesTest, ReadsOnBehindAVoidedRange) {
  reserve("mask", 1'000);
  v1::OrderRecord record = next_record(1'000);
  record.set_last_offset(record.first_offset() + 100);
  record.mutable_voided();
  next_ += 100;
  take(record, 5'000);
  EXPECT_EQ(deadlines_.next(), 102);
  EXPECT_EQ(deadlines_.held(), 1U);
}

}  // namespace
}  // namespace sluice
