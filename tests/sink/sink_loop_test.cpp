#include "sink/sink_loop.h"

#include <gmock/gmock.h>

#include "tests/sink/memory_ports.h"
#include "tests/sink/sample_log.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Generation kGeneration{1};
constexpr Partition kFirst{0};
constexpr Partition kSecond{1};
constexpr UnixMillis kNow = 5'000;
constexpr int kTurnsMax = 1000;
constexpr SinkLimits kLimits{
    .batch_records_max = 7, .statement_rows_max = 4, .refused_rows_max = 3, .poll_wait = std::chrono::milliseconds{0}};

// One process: a loop and its clients. It can be dropped at any time.
struct Sink {
  Sink(MemoryStore& store, const MemoryLog& log, FaultPlan& faults)
      : reader(log, faults), database(store, faults), dead_letters(faults), metrics(registry) {}

  Metrics registry;
  MemoryOrdersReader reader;
  MemoryDatabase database;
  MemoryDeadLetters dead_letters;
  SinkMetrics metrics;
  SinkLoop loop{kLimits, kGeneration, reader, database, dead_letters, metrics};
};

class SinkLoopTest : public testing::Test {
 protected:
  // Two partitions with everything that can happen, again and again.
  void fill(int orders) {
    for (SampleLog* sample : {&first_, &second_}) {
      const std::string mask = sample == &first_ ? "mask" : "soap";
      sample->define(mask);
      for (int i = 0; i < orders; ++i) {
        const std::string payment = "p" + std::to_string(i);
        const Ticket id = sample->reserve(mask, i % 10 == 3 ? "unlucky" : "ann");
        if (i % 3 == 0) sample->refuse(i + 1, mask);
        if (i % 4 == 0) sample->pay(id, payment);
        if (i % 8 == 0) sample->refund(id, i % 16 == 0);
        if (i % 16 == 0) sample->settle(payment);
        if (i % 5 == 3) sample->release({id, sample->reserve(mask)});
        if (i % 6 == 5) sample->give_back("late" + payment, id, v1::PAID_TOO_LATE);
        if (i % 7 == 6) sample->freeze(mask, i % 2 == 0);
      }
      log_[sample->partition()] = sample->records();
    }
  }

  // All tables, straight from the log. The table `orders` without those of `except_user`.
  TableTexts fold_of_log(const std::string& except_user = "") const {
    TableTexts texts;
    for (const auto& [partition, records] : log_) {
      add(texts, expected_rows(partition, records, kOffsetMax, kGeneration, except_user));
    }
    return texts;
  }

  // Runs `scenario` once for every call that it makes, which then fails: without effect, and with its effect but no answer.
  void for_every_fault(const std::function<void()>& scenario) {
    for (const bool is_done_anyway : {false, true}) {
      for (int fail_at = 0; fail_at == 0 || faults_.calls >= fail_at; ++fail_at) {
        faults_ = {.calls = 0, .fail_at = fail_at, .is_done_anyway = is_done_anyway};
        SCOPED_TRACE("call " + std::to_string(fail_at) + " fails" + (is_done_anyway ? " after its effect" : ""));
        scenario();
        ASSERT_FALSE(HasFailure());
      }
    }
  }

  // Turns until all is stored; how many of them failed.
  int run_to_the_end(SinkLoop& loop) const {
    int failures = 0;
    for (int turns = 0; !all_is_stored(); ++turns) {
      if (turns == kTurnsMax) {
        ADD_FAILURE() << "it does not come to an end";
        return failures;
      }
      failures += loop.poll_once(kNow).ok() ? 0 : 1;
    }
    return failures;
  }

  bool all_is_stored() const {
    return std::ranges::all_of(log_, [this](const auto& entry) {
      const auto position = store_.positions.find(entry.first);
      return position != store_.positions.end() &&
             position->second.next == static_cast<Offset>(entry.second.back().last_offset()) + 1;
    });
  }

  SampleLog first_{kFirst};
  SampleLog second_{kSecond};
  MemoryLog log_{{kFirst, {}}, {kSecond, {}}};
  MemoryStore store_;
  FaultPlan faults_;
};

TEST_F(SinkLoopTest, FoldsEveryPartitionThatItOwns) {
  fill(40);
  Sink sink(store_, log_, faults_);
  sink.loop.own(std::array{kFirst, kSecond});
  EXPECT_EQ(run_to_the_end(sink.loop), 0);
  EXPECT_EQ(difference(store_.texts(), fold_of_log()), "");
  EXPECT_EQ(store_.positions[kFirst].digest, first_.digest());
  EXPECT_TRUE(sink.loop.is_storing());
}

TEST_F(SinkLoopTest, IsNotStoringBeforeItOwnsAnything) {
  Sink sink(store_, log_, faults_);
  ASSERT_TRUE(sink.loop.poll_once(kNow).ok());
  EXPECT_FALSE(sink.loop.is_storing());
}

TEST_F(SinkLoopTest, NoticesThatTheDatabaseIsGoneWhenThereIsNothingToStore) {
  fill(1);
  Sink sink(store_, log_, faults_);
  sink.loop.own(std::array{kFirst});
  ASSERT_TRUE(sink.loop.poll_once(kNow).ok());
  const int calls_of_idle_turn = 1;
  ASSERT_TRUE(sink.loop.poll_once(kNow).ok());
  const int calls = faults_.calls;
  ASSERT_TRUE(sink.loop.poll_once(kNow + kLimits.ask_after.count() - 1).ok());
  EXPECT_EQ(faults_.calls, calls + calls_of_idle_turn);
  faults_.fail_at = faults_.calls + calls_of_idle_turn;
  EXPECT_FALSE(sink.loop.poll_once(kNow + kLimits.ask_after.count()).ok());
  EXPECT_FALSE(sink.loop.is_storing());
}

TEST_F(SinkLoopTest, LeavesAPartitionThatItLost) {
  fill(40);
  Sink sink(store_, log_, faults_);
  sink.loop.own(std::array{kFirst, kSecond});
  ASSERT_TRUE(sink.loop.poll_once(kNow).ok());
  sink.loop.own(std::array{kSecond});
  EXPECT_FALSE(sink.reader.reads(kFirst));
  const StoredPosition left = store_.positions[kFirst];
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(sink.loop.poll_once(kNow).ok());
  EXPECT_EQ(store_.positions[kFirst], left);
  EXPECT_EQ(store_.positions[kSecond].next, second_.next());
}

// The heart of the promise: whichever call fails, and whether or not a failed commit was one, the rows are the fold of the log.
TEST_F(SinkLoopTest, StoresExactlyOnceWhateverCallFails) {
  fill(20);
  const auto expected = fold_of_log();
  for_every_fault([&] {
    store_ = {};
    Sink sink(store_, log_, faults_);
    sink.loop.own(std::array{kFirst, kSecond});
    EXPECT_LE(run_to_the_end(sink.loop), 1);
    EXPECT_EQ(difference(store_.texts(), expected), "");
  });
}

// As kill -9 would: the process is gone at that call, and a new one starts.
TEST_F(SinkLoopTest, StoresExactlyOnceWhereverTheProcessDies) {
  fill(20);
  const auto expected = fold_of_log();
  for_every_fault([&] {
    store_ = {};
    {
      Sink killed(store_, log_, faults_);
      killed.loop.own(std::array{kFirst, kSecond});
      while (!all_is_stored() && killed.loop.poll_once(kNow).ok()) continue;
    }
    Sink restarted(store_, log_, faults_);
    restarted.loop.own(std::array{kFirst, kSecond});
    EXPECT_EQ(run_to_the_end(restarted.loop), 0);
    EXPECT_EQ(difference(store_.texts(), expected), "");
  });
}

TEST_F(SinkLoopTest, ALateWriterRollsBackAndTakesUpWhereTheOtherStands) {
  fill(40);
  Sink late(store_, log_, faults_);
  late.loop.own(std::array{kFirst});
  ASSERT_TRUE(late.loop.poll_once(kNow).ok());
  Sink owner(store_, log_, faults_);
  owner.loop.own(std::array{kFirst, kSecond});
  ASSERT_TRUE(owner.loop.poll_once(kNow).ok());
  const StoredPosition moved = store_.positions[kFirst];
  ASSERT_TRUE(late.loop.poll_once(kNow).ok());
  EXPECT_EQ(store_.positions[kFirst], moved);
  EXPECT_EQ(late.metrics.fenced.Value(), 1);
  while (!all_is_stored()) {
    ASSERT_TRUE(late.loop.poll_once(kNow).ok());
    ASSERT_TRUE(owner.loop.poll_once(kNow).ok());
  }
  EXPECT_EQ(difference(store_.texts(), fold_of_log()), "");
}

// Nobody else helps it: what it has folded itself begins where the position no longer stands.
TEST_F(SinkLoopTest, ALateWriterThatIsLeftAloneStoresTheRest) {
  fill(40);
  Sink late(store_, log_, faults_);
  late.loop.own(std::array{kFirst, kSecond});
  ASSERT_TRUE(late.loop.poll_once(kNow).ok());
  {
    Sink owner(store_, log_, faults_);
    owner.loop.own(std::array{kFirst});
    ASSERT_TRUE(owner.loop.poll_once(kNow).ok());
  }
  EXPECT_EQ(run_to_the_end(late.loop), 0);
  EXPECT_EQ(late.metrics.fenced.Value(), 1);
  EXPECT_EQ(difference(store_.texts(), fold_of_log()), "");
}

TEST_F(SinkLoopTest, ARefusedRowBecomesADeadLetterAndTheOthersAreStored) {
  first_.define("mask");
  const Ticket unlucky = first_.reserve("mask", "eve");
  for (int i = 0; i < 6; ++i) first_.reserve();
  log_[kFirst] = first_.records();
  store_.refuses = [](const v1::DeadLetter& row) { return row.order().user() == "eve"; };
  Sink sink(store_, log_, faults_);
  sink.loop.own(std::array{kFirst});
  while (store_.positions[kFirst].next < first_.next()) ASSERT_TRUE(sink.loop.poll_once(kNow).ok());
  EXPECT_EQ(difference(store_.texts(), fold_of_log("eve")), "");
  EXPECT_EQ(store_.positions[kFirst].next, 8);
  ASSERT_THAT(sink.dead_letters.letters, SizeIs(1));
  const v1::DeadLetter& letter = sink.dead_letters.letters[0];
  EXPECT_EQ(letter.order().id(), unlucky.value);
  EXPECT_EQ(letter.order().user(), "eve");
  EXPECT_EQ(letter.version(), Position::at(kGeneration, 1).value);
  EXPECT_EQ(letter.table(), "orders");
  EXPECT_EQ(letter.error(), "Data too long");
  EXPECT_EQ(letter.error_code(), 1406);
}

// Of every table.
TEST_F(SinkLoopTest, ADeadLetterSaysWhatTheRowWouldHaveSaid) {
  fill(20);
  const std::map<std::string, std::function<std::string(const v1::DeadLetter&)>> refused = {
      {"payments", [](const auto& letter) { return letter.payment().payment().id(); }},
      {"sales", [](const auto& letter) { return letter.sale().sale().sku() + letter.sale().sale().sale_id(); }},
      {"order_history", [](const auto& letter) { return letter.transition().event(); }},
      {"refusals", [](const auto& letter) { return std::to_string(letter.refusals().slot()); }},
  };
  for (const auto& [table, words_of] : refused) {
    SCOPED_TRACE(table);
    store_ = {};
    store_.refuses = [&](const v1::DeadLetter& row) { return row.table() == table; };
    Sink sink(store_, log_, faults_);
    SinkLimits lenient = kLimits;
    lenient.refused_rows_max = 1000;
    SinkLoop loop(lenient, kGeneration, sink.reader, sink.database, sink.dead_letters, sink.metrics);
    loop.own(std::array{kFirst, kSecond});
    EXPECT_EQ(run_to_the_end(loop), 0);
    TableTexts expected = fold_of_log();
    expected[table].clear();
    // Without the stored definitions nobody knows the slots after a start; this loop has seen them itself.
    EXPECT_EQ(difference(store_.texts(), expected), "");
    ASSERT_THAT(sink.dead_letters.letters, testing::Not(IsEmpty()));
    for (const v1::DeadLetter& letter : sink.dead_letters.letters) {
      EXPECT_EQ(letter.table(), table);
      EXPECT_NE(letter.version(), 0);
      EXPECT_NE(words_of(letter), "");
      EXPECT_NE(subject_of(letter), "0");
    }
  }
}

TEST_F(SinkLoopTest, NoRowIsLeftOutBeforeItsDeadLetterIsAcknowledged) {
  fill(20);
  store_.refuses = [](const v1::DeadLetter& row) { return row.order().user() == "unlucky"; };
  for_every_fault([&] {
    const auto refuses = store_.refuses;
    store_ = {};
    store_.refuses = refuses;
    Sink sink(store_, log_, faults_);
    sink.loop.own(std::array{kFirst, kSecond});
    EXPECT_LE(run_to_the_end(sink.loop), 1);
    EXPECT_EQ(difference(store_.texts(), fold_of_log("unlucky")), "");
    std::map<std::uint64_t, std::string> kept;
    for (const v1::DeadLetter& letter : sink.dead_letters.letters) {
      EXPECT_FALSE(store_.orders.contains(letter.order().id()));
      kept[letter.order().id()] = text_of(OrderRow{{letter.version()}, letter.order()});
    }
    for (const auto& [id, row] : store_.orders) kept[id] = text_of(row);
    std::vector<std::string> texts;
    for (const auto& [id, text] : kept) texts.push_back(text);
    std::ranges::sort(texts);
    EXPECT_EQ(texts, fold_of_log()["orders"]);
  });
}

TEST_F(SinkLoopTest, StopsWhenTheDatabaseRefusesMoreThanSingleRows) {
  fill(20);
  store_.refuses = [](const v1::DeadLetter& row) { return row.table() == "order_history"; };
  Sink sink(store_, log_, faults_);
  sink.loop.own(std::array{kFirst});
  const auto done = sink.loop.poll_once(kNow);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().kind, Error::Kind::kFatal);
  EXPECT_THAT(done.error().message, HasSubstr("correct the table order_history (schemas/mysql)"));
  EXPECT_THAT(sink.dead_letters.letters, IsEmpty());
  EXPECT_EQ(store_.positions[kFirst].next, 0);
}

TEST_F(SinkLoopTest, StopsAtAGapWithoutStoringWhatComesAfterIt) {
  fill(20);
  log_[kFirst].erase(log_[kFirst].begin() + 3);
  Sink sink(store_, log_, faults_);
  sink.loop.own(std::array{kFirst});
  const auto done = sink.loop.poll_once(kNow);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().kind, Error::Kind::kFatal);
  EXPECT_FALSE(sink.loop.is_storing());
  EXPECT_THAT(store_.orders, IsEmpty());
}

TEST_F(SinkLoopTest, StopsAtAMessageThatIsNoRecord) {
  fill(1);
  struct Garbage final : OrdersReader {
    Result<void> start(Partition, Offset, std::int64_t) override { return {}; }
    void stop(Partition) override {}
    Result<std::span<const PartitionRecord>> poll(int, std::chrono::milliseconds) override {
      return std::span<const PartitionRecord>(read);
    }
    std::vector<PartitionRecord> read = {{kFirst, 17, "\xff\xff"}};
  } garbage;
  Sink sink(store_, log_, faults_);
  SinkLoop loop(kLimits, kGeneration, garbage, sink.database, sink.dead_letters, sink.metrics);
  loop.own(std::array{kFirst});
  const auto done = loop.poll_once(kNow);
  ASSERT_FALSE(done.ok());
  EXPECT_THAT(done.error().message, HasSubstr("the message at 17 is no record"));
}

TEST_F(SinkLoopTest, WritesAtMostSoManyRowsInAStatement) {
  for (int i = 0; i < 7; ++i) first_.reserve();
  log_[kFirst] = first_.records();
  Sink sink(store_, log_, faults_);
  sink.loop.own(std::array{kFirst});
  ASSERT_TRUE(sink.loop.poll_once(kNow).ok());
  EXPECT_EQ(sink.database.statements, 4);  // two for the orders, two for their history
  EXPECT_EQ(sink.database.rows_of_largest, 4);
  EXPECT_THAT(store_.orders, SizeIs(7));
}

}  // namespace
}  // namespace sluice
