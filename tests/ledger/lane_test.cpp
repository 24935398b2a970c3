#include "ledger/lane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "ledger/store_rows.h"
#include "tests/ledger/intent_samples.h"
#include "tests/ledger/scripted_ports.h"

namespace sluice {
namespace {

const LedgerIdentity kIdentity{.partition = {0}, .generation = {1}, .partition_count = 1};
constexpr UnixMillis kNow = 1000;  // when the intents were appended

// What a ledger before this one wrote, each record a second after the one before.
class WrittenOrderLog : public EmptyOrderLog {
 public:
  explicit WrittenOrderLog(std::vector<std::string> records) : bytes_(std::move(records)) {
    for (const std::string& bytes : bytes_) {
      const auto offset = static_cast<std::int64_t>(records_.size());
      records_.push_back({offset, kNow + 1000 * (offset + 1), bytes});
    }
  }
  Result<LogRange> range() override { return LogRange{0, static_cast<std::int64_t>(bytes_.size())}; }
  Result<std::int64_t> locate(const std::function<bool(std::string_view)>& reached) override {
    return std::ranges::find_if(bytes_, reached) - bytes_.begin();
  }
  Result<void> start_at(std::int64_t place) override {
    next_ = static_cast<std::size_t>(place);
    return {};
  }
  Result<RecordPoll> poll(std::chrono::milliseconds) override {
    const auto from = std::exchange(next_, records_.size());
    return RecordPoll{std::span(records_).subspan(from), static_cast<std::int64_t>(bytes_.size())};
  }
  void stop() override { stopped = true; }

  bool stopped = false;

 private:
  std::vector<std::string> bytes_;
  std::vector<RecordMessage> records_;
  std::size_t next_ = 0;
};

// All that was in it was deleted.
class DeletedOrderLog : public EmptyOrderLog {
 public:
  Result<LogRange> range() override { return LogRange{7, 7}; }
  Result<RecordPoll> poll(std::chrono::milliseconds) override { return RecordPoll{.records = {}, .end = 7}; }
};

// Somebody has appended three records and not ended the transaction.
class HeldBackOrderLog : public EmptyOrderLog {
 public:
  Result<LogRange> range() override { return LogRange{0, 3}; }
};

class WrittenIntentLog : public EmptyIntentLog {
 public:
  explicit WrittenIntentLog(std::vector<std::string> intents) : bytes_(std::move(intents)) {}
  Result<LogRange> range() override { return LogRange{0, static_cast<std::int64_t>(bytes_.size())}; }
  Result<void> start_at(Offset next) override {
    next_ = next;
    return {};
  }
  Result<std::span<const IntentMessage>> poll(int, std::chrono::milliseconds) override {
    messages_.clear();
    for (; next_ < static_cast<Offset>(bytes_.size()); ++next_) messages_.push_back({next_, kNow, bytes_[next_]});
    return std::span<const IntentMessage>(messages_);
  }

 private:
  std::vector<std::string> bytes_;
  std::vector<IntentMessage> messages_;
  Offset next_ = 0;
};

class SeenView : public StateView {
 public:
  bool keeps_up() const override { return true; }
  void publish(ViewChanges changes) override {
    for (OrderSnapshot& order : changes.orders) orders.push_back(std::move(order));
  }
  void trust_store() override { trusts = true; }

  std::vector<OrderSnapshot> orders;
  bool trusts = false;
};

// A lane that has decided as much before, and comes from another log if the digest is another.
class StoreOf : public EmptyStore {
 public:
  StoreOf(Offset next, std::uint64_t digest) {
    v1::StoredProgress progress;
    progress.set_next_offset(next);
    progress.set_window_first_offset(next);
    progress.set_digest(digest);
    progress_ = progress.SerializeAsString();
  }
  Result<void> scan_range(std::string_view first, std::string_view, const RowVisit& visit) override {
    if (first == kProgressRow) visit(kProgressRow, progress_);
    return {};
  }

 private:
  std::string progress_;
};

class LaneTest : public testing::Test {
 protected:
  // Until it has decided everything.
  void run(OrderLog& orders, UnixMillis now) {
    EmptyStore store;
    const auto ran = run(orders, now, store);
    EXPECT_TRUE(ran.ok()) << ran.error().message;
  }

  Result<void> run(OrderLog& orders, UnixMillis now, LedgerStore& store) {
    WrittenIntentLog intents(intents_);
    Script script;
    ScriptedWriter writer(script);
    NoBackground background;
    Lane lane(kIdentity, {}, intents, orders, writer, store, view_, background);
    while (lane.committed() < static_cast<Offset>(intents_.size()) || !lane.running()) {
      if (const auto step = lane.poll_once(now); !step) return step.error();
    }
    return {};
  }

  // What a ledger before this one wrote.
  std::vector<std::string> written_records() const {
    std::vector<IntentMessage> messages;
    for (const std::string& bytes : intents_) messages.push_back({static_cast<Offset>(messages.size()), kNow, bytes});
    Ledger before(kIdentity);
    WorkingSet rows;
    std::vector<std::string> records;
    const Result<LedgerBatch> batch = before.decide(messages, rows, /*view_wanted=*/false);
    for (const EncodedRecord record : batch->records) records.emplace_back(record.bytes);
    return records;
  }

  const std::vector<std::string> intents_ = {sale_bytes(3), purchase_bytes("alice", "k1"), purchase_bytes("bob", "k1")};
  SeenView view_;
};

TEST_F(LaneTest, TellsTheViewWhenItDecided) {
  EmptyOrderLog nothing;
  run(nothing, kNow + 4000);
  ASSERT_EQ(view_.orders.size(), 2U);
  for (const OrderSnapshot& order : view_.orders) EXPECT_EQ(order.recorded, kNow + 4000);
}

TEST_F(LaneTest, TellsTheViewWhenEachRecordThatItRedoesWasWritten) {
  WrittenOrderLog written(written_records());
  run(written, kNow + 60'000);
  EXPECT_TRUE(written.stopped) << "a reader that goes on fetches everything that the lane writes from now on";
  ASSERT_EQ(view_.orders.size(), 2U);
  EXPECT_EQ(view_.orders[0].recorded, kNow + 2000);
  EXPECT_EQ(view_.orders[1].recorded, kNow + 3000);
}

TEST_F(LaneTest, LetsTheViewReadAStoreThatTheLogHasProven) {
  WrittenOrderLog written(written_records());
  v1::OrderRecord last;
  last.ParseFromString(written_records().back());
  StoreOf store(static_cast<Offset>(intents_.size()), last.digest());
  EXPECT_TRUE(run(written, kNow, store).ok());
  EXPECT_TRUE(view_.trusts);
}

TEST_F(LaneTest, DecidesNothingBehindAnOpenTransactionAndSaysInTheEndWhatHoldsItUp) {
  WrittenIntentLog intents(intents_);
  HeldBackOrderLog orders;
  Script script;
  ScriptedWriter writer(script);
  EmptyStore store;
  NoBackground background;
  Lane lane(kIdentity, {}, intents, orders, writer, store, view_, background);
  Result<int> step = 0;
  UnixMillis now = kNow;
  for (; step && now < kNow + 60'000; now += 100) {
    step = lane.poll_once(now);
    EXPECT_FALSE(lane.running());
  }
  ASSERT_FALSE(step.ok()) << "it waits for ever and says nothing";
  EXPECT_EQ(step.error().kind, Error::Kind::kRetryable);
  EXPECT_THAT(step.error().message, testing::HasSubstr("an open transaction holds back what lies between offset 0 and 3"));
  EXPECT_GE(now - kNow, 15'000) << "a transaction that is about to end needs its time";
}

TEST_F(LaneTest, DecidesNothingBehindAMessageThatIsNoRecord) {
  WrittenOrderLog foreign({"somebody's", "else"});
  EmptyStore store;
  const auto ran = run(foreign, kNow, store);
  ASSERT_FALSE(ran.ok()) << "it has ruled in another's topic";
  EXPECT_EQ(ran.error().kind, Error::Kind::kFatal);
  EXPECT_THAT(ran.error().message, testing::AllOf(testing::HasSubstr("no record where the ruling on intent 0 is expected"),
                                                  testing::HasSubstr("`sluicectl partition inspect 0`")));
}

TEST_F(LaneTest, DecidesNothingAnewWhereAllThatWasRuledIsDeleted) {
  DeletedOrderLog deleted;
  EmptyStore store;
  const auto ran = run(deleted, kNow, store);
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.error().kind, Error::Kind::kFatal);
  EXPECT_THAT(ran.error().message, testing::HasSubstr("orders begins at 7 and holds no record"));
}

// What it says would stay in the view for good.
TEST_F(LaneTest, LetsNobodyReadAStoreOfAnotherLog) {
  WrittenOrderLog written(written_records());
  StoreOf store(static_cast<Offset>(intents_.size()), /*digest=*/17);
  const auto ran = run(written, kNow, store);
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.error().kind, Error::Kind::kFatal);
  EXPECT_FALSE(view_.trusts);
}

TEST_F(LaneTest, LetsNobodyReadAStoreThatIsAheadOfTheLog) {
  WrittenOrderLog written(written_records());
  StoreOf store(static_cast<Offset>(intents_.size()) + 1, /*digest=*/17);
  const auto ran = run(written, kNow, store);
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.error().kind, Error::Kind::kFatal);
  EXPECT_FALSE(view_.trusts);
}

}  // namespace
}  // namespace sluice
