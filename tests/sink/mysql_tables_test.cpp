// The statements of every table, against a real MySQL or MariaDB.
#include "sink/mysql_tables.h"

#include <gmock/gmock.h>

#include "sink/record_fold.h"
#include "tests/sink/mysql_server.h"
#include "tests/sink/sample_log.h"
#include "tests/sink/test_database.h"

namespace sluice {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::Truly;

constexpr Generation kGeneration{1};
constexpr Partition kPartition{3};

class MysqlTablesTest : public testing::Test {
 protected:
  // The rows of the records from `from` on, in a transaction of their own.
  void store(const SampleLog& log, std::size_t from) {
    const auto stands = database_.position_of(kPartition);
    ASSERT_TRUE(stands.ok()) << stands.error().message;
    RecordFold fold(kPartition, kGeneration, database_.sales_of(kPartition).value());
    for (std::size_t i = from; i < log.records().size(); ++i) ASSERT_TRUE(fold.add(log.records()[i]).ok());
    ASSERT_TRUE(database_.begin(kPartition, *stands, {.next = stands->next + 1, .digest = 1}).ok());
    for (const TableRows& table : fold.rows().tables()) {
      const bool is_empty = std::visit([](const auto& rows) { return rows.empty(); }, table);
      if (is_empty) continue;
      const auto refusal = database_.upsert(table);
      ASSERT_TRUE(refusal.ok()) << refusal.error().message;
      ASSERT_FALSE(refusal->has_value()) << (*refusal)->words;
    }
    ASSERT_TRUE(database_.commit().ok());
  }

  TableTexts stored() { return test_database_.content().tables; }

  int count_of(const MysqlTable& table) {
    return std::stoi(test_database_.rows("SELECT COUNT(*) FROM " + std::string(table.name)).front());
  }

  static TableTexts expected(const SampleLog& log) { return expected_rows(kPartition, log.records(), kOffsetMax, kGeneration); }

  TestDatabase test_database_{given_mysql_server()};
  MysqlDatabase database_{test_database_.settings(), test_database_.password(), kGeneration, /*partition_count=*/8};
};

TEST_F(MysqlTablesTest, EveryTableHoldsTheFoldOfTheLogHoweverItIsCutIntoTransactions) {
  SampleLog log(kPartition);
  std::size_t stored_records = 0;
  const auto cut = [&] {
    store(log, stored_records);
    stored_records = log.records().size();
    ASSERT_EQ(difference(stored(), expected(log)), "");
  };
  log.define("mask");
  log.define("o'hara's \\ soap", 1);
  log.refuse(3);
  const Ticket bought = log.reserve();
  log.pay(bought, "gw-1");
  cut();
  log.refuse(90);
  log.refund(bought);
  log.give_back("gw-2", {}, v1::UNKNOWN_ORDER);
  log.give_back("it's \\ gw-3", bought, v1::PAID_TOO_LATE);
  cut();
  log.settle("gw-1");
  log.freeze("mask", true);
  log.open_and_refuse("mask", 1, v1::FROZEN);
  const Ticket late = log.reserve();
  log.release({late});
  cut();
  log.pay(late, "gw-4", /*again=*/true);
  log.define("mask", 96, 40, "spring", 2);
  cut();
  log.define("mask", 2, 40, "autumn");
  log.refuse(4);
  cut();
}

TEST_F(MysqlTablesTest, SalesAreReadBackAsTheyWereWritten) {
  SampleLog log(kPartition);
  log.define("soap", 96);
  log.define("mask", 2, 40, "spring", 2);
  log.reserve("mask");
  log.freeze("mask", true);
  store(log, 0);
  SaleBoard board(kPartition, {});
  for (const v1::OrderRecord& record : log.records()) {
    board.apply(Position::at(kGeneration, static_cast<Offset>(record.last_offset())), record.log_time_ms(), record.change());
  }
  const std::vector<SaleRow> read = database_.sales_of(kPartition).value();
  const std::vector<SaleRow> written = board.changed();
  ASSERT_THAT(read, SizeIs(2));
  for (std::size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(read[i].sale.DebugString(), written[i].sale.DebugString());
    EXPECT_EQ(read[i].counters.DebugString(), written[i].counters.DebugString());
    EXPECT_EQ(text_of(read[i]), text_of(written[i]));
  }
  EXPECT_THAT(database_.sales_of({kPartition.value + 1}).value(), IsEmpty());
}

TEST_F(MysqlTablesTest, OnlyANewerVersionOverwritesAPaymentOrASale) {
  SampleLog log(kPartition);
  log.define("mask");
  log.give_back("gw-1", {}, v1::UNKNOWN_ORDER);
  const SampleLog earlier = log;
  log.settle("gw-1");
  log.freeze("mask", true);
  store(log, 0);
  const TableTexts newest = stored();
  store(earlier, 0);
  EXPECT_EQ(difference(stored(), newest), "");
}

TEST_F(MysqlTablesTest, AHistoryThatIsWrittenAgainStaysAsItIs) {
  SampleLog log(kPartition);
  log.cancel(log.reserve());
  store(log, 0);
  store(log, 0);
  EXPECT_EQ(stored().at("order_history"), expected(log).at("order_history"));
}

TEST_F(MysqlTablesTest, TheLargestTermsFit) {
  SampleLog log(kPartition);
  log.define(std::string(64, 'k'), 1, 40, std::string(64, 's'));
  v1::OrderRecord record = log.records()[0];
  v1::DefineSale& sale = *record.mutable_change()->mutable_sale_defined()->mutable_sale();
  sale.set_title(std::string(200, 't'));
  sale.set_version(4'294'967'295);
  sale.set_price_minor(1'000'000'000'000);
  sale.set_hold_seconds(604'800);
  record.mutable_change()->mutable_counters()->set_defined(96'000'000'000);
  RecordFold fold(kPartition, kGeneration, {});
  ASSERT_TRUE(fold.add(record).ok());
  ASSERT_TRUE(database_.begin(kPartition, database_.position_of(kPartition).value(), {.next = 1}).ok());
  const auto refusal = database_.upsert(std::span<const SaleRow>(fold.rows().sales));
  ASSERT_TRUE(refusal.ok() && !refusal->has_value());
  ASSERT_TRUE(database_.commit().ok());
  EXPECT_THAT(stored().at("sales"), ElementsAre(text_of(fold.rows().sales[0])));
}

// A gateway's mistake, but none for which a payment may vanish.
TEST_F(MysqlTablesTest, OnePaymentIdInTwoPartitionsIsTwoPayments) {
  SampleLog here(kPartition);
  here.give_back("gw-1", {}, v1::UNKNOWN_ORDER);
  store(here, 0);
  SampleLog there(Partition{4});
  there.give_back("gw-1", {}, v1::WRONG_AMOUNT);
  RecordFold fold(Partition{4}, kGeneration, {});
  ASSERT_TRUE(fold.add(there.records()[0]).ok());
  ASSERT_TRUE(database_.begin({4}, database_.position_of({4}).value(), {.next = 1}).ok());
  ASSERT_TRUE(database_.upsert(std::span<const PaymentRow>(fold.rows().payments)).ok());
  ASSERT_TRUE(database_.commit().ok());
  EXPECT_THAT(stored().at("payments"), SizeIs(2));
}

TEST_F(MysqlTablesTest, AreEmptiedByOneFileAndFilledAnewToTheSame) {
  SampleLog log(kPartition);
  log.define("mask");
  log.refuse(3);
  log.pay(log.reserve(), "gw-1");
  store(log, 0);
  const TableTexts before = stored();
  ASSERT_THAT(mysql_tables(), Each(Truly([&](const MysqlTable& table) { return count_of(table) > 0; })));
  test_database_.apply("sink/empty_tables.sql");
  EXPECT_THAT(mysql_tables(), Each(Truly([&](const MysqlTable& table) { return count_of(table) == 0; })));
  store(log, 0);
  EXPECT_EQ(difference(stored(), before), "");
}

}  // namespace
}  // namespace sluice
