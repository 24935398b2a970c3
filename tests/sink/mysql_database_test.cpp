// Against a real MySQL or MariaDB.
#include "sink/mysql_database.h"

#include <gmock/gmock.h>

#include <future>

#include "tests/sink/mysql_server.h"
#include "tests/sink/sample_log.h"
#include "tests/sink/test_database.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Generation kGeneration{1};
constexpr Partition kPartition{3};
constexpr int kPartitions = 8;

class MysqlDatabaseTest : public testing::Test {
 protected:
  MysqlDatabase open(int partitions = kPartitions) {
    return MysqlDatabase(test_database_.settings(), test_database_.password(), kGeneration, partitions);
  }

  static OrderRow row(Offset offset, const std::string& user = "ann") {
    SampleLog log(kPartition);
    if (offset > 0) log.refuse(static_cast<int>(offset));
    log.reserve("mask", user);
    return {Position::at(kGeneration, offset), log.records().back().change().orders(0)};
  }

  static StoredPosition at(Offset next) {
    return {.next = next, .digest = static_cast<std::uint64_t>(next) * 77, .orders_offset = next + 1};
  }

  // Writes `rows` in a transaction of their own.
  template <typename Row>
  void store(MysqlDatabase& database, const std::vector<Row>& rows) {
    const auto from = database.position_of(kPartition);
    ASSERT_TRUE(from.ok()) << from.error().message;
    ASSERT_TRUE(database.begin(kPartition, *from, at(from->next + 1)).ok());
    const auto refusal = database.upsert(std::span<const Row>(rows));
    ASSERT_TRUE(refusal.ok()) << refusal.error().message;
    ASSERT_FALSE(refusal->has_value()) << (*refusal)->words;
    ASSERT_TRUE(database.commit().ok());
  }

  std::vector<std::string> stored() { return test_database_.content().tables.at("orders"); }

  TestDatabase test_database_{given_mysql_server()};
};

TEST_F(MysqlDatabaseTest, AFreshPartitionStandsAtTheStart) {
  MysqlDatabase database = open();
  const auto stands = database.position_of(kPartition);
  ASSERT_TRUE(stands.ok()) << stands.error().message;
  EXPECT_EQ(*stands, StoredPosition());
}

TEST_F(MysqlDatabaseTest, StoresEveryColumnAndThePositionInOneTransaction) {
  MysqlDatabase database = open();
  OrderRow paid = row(7);
  paid.order.set_status(v1::PAID);
  paid.order.set_payment_id("gw-1");
  store<OrderRow>(database, {row(5), paid});
  EXPECT_THAT(stored(), ElementsAre(text_of(row(5)), text_of(paid)));
  EXPECT_EQ(database.position_of(kPartition).value(), at(1));
}

TEST_F(MysqlDatabaseTest, StoresTextExactlyAsItIs) {
  MysqlDatabase database = open();
  const std::vector<std::string> users = {"o'hara",
                                          "back\\slash",
                                          "\\'; DROP TABLE orders; --",
                                          "\"quoted\"",
                                          "line\nbreak\r\t",
                                          "50% _off_",
                                          "emoji \xF0\x9F\x98\x80",
                                          "\xE5\x8F\xA3\xE7\xBD\xA9",
                                          " spaces at the end  ",
                                          std::string("nul\0inside", 10),
                                          std::string(64, 'x'),
                                          std::string(1, '\x1a')};
  std::vector<OrderRow> written;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < users.size(); ++i) {
    written.push_back(row(static_cast<Offset>(i) + 1, users[i]));
    expected.push_back(text_of(written.back()));
  }
  store(database, written);
  EXPECT_EQ(stored(), expected);
}

TEST_F(MysqlDatabaseTest, TheLargestNumbersFit) {
  MysqlDatabase database = open();
  OrderRow largest = row(1);
  largest.version = Position::at({kGenerationMax}, kOffsetMax);
  largest.order.set_id(Ticket::of({kPartitionMax}, largest.version).value);
  largest.order.set_quantity(1000);
  largest.order.set_amount_minor(1'000'000'000'000'000);
  store<OrderRow>(database, {largest});
  EXPECT_THAT(stored(), ElementsAre(text_of(largest)));
}

TEST_F(MysqlDatabaseTest, OnlyANewerVersionOverwritesARow) {
  MysqlDatabase database = open();
  OrderRow paid = row(5);
  paid.version = Position::at(kGeneration, 9);
  paid.order.set_status(v1::PAID);
  paid.order.set_payment_id("gw-1");
  store<OrderRow>(database, {row(5)});
  store<OrderRow>(database, {paid});
  EXPECT_THAT(stored(), ElementsAre(text_of(paid)));
  store<OrderRow>(database, {row(5)});
  EXPECT_THAT(stored(), ElementsAre(text_of(paid)));
}

TEST_F(MysqlDatabaseTest, WhatIsNotCommittedIsNotThere) {
  {
    MysqlDatabase database = open();
    const StoredPosition start = database.position_of(kPartition).value();
    ASSERT_TRUE(database.begin(kPartition, start, at(1)).ok());
    ASSERT_TRUE(database.upsert(std::span<const OrderRow>(std::vector{row(1)})).ok());
    database.rollback();
    ASSERT_TRUE(database.begin(kPartition, start, at(1)).ok());
    ASSERT_TRUE(database.upsert(std::span<const OrderRow>(std::vector{row(1)})).ok());
  }  // gone in the middle of the transaction
  EXPECT_THAT(stored(), IsEmpty());
  EXPECT_EQ(open().position_of(kPartition).value(), StoredPosition());
}

TEST_F(MysqlDatabaseTest, AWriterThatBeginsWhereTheDatabaseStandsNoMoreIsFenced) {
  MysqlDatabase late = open();
  MysqlDatabase owner = open();
  const StoredPosition start = late.position_of(kPartition).value();
  store<OrderRow>(owner, {row(1)});
  const auto begun = late.begin(kPartition, start, at(9));
  ASSERT_FALSE(begun.ok());
  EXPECT_EQ(begun.error().kind, Error::Kind::kFenced);
  late.rollback();
  EXPECT_EQ(late.position_of(kPartition).value(), at(1));
}

TEST_F(MysqlDatabaseTest, AWriterThatComesInTheMiddleOfAnothersTransactionWaitsAndIsFenced) {
  MysqlDatabase owner = open();
  MysqlDatabase late = open();
  const StoredPosition start = owner.position_of(kPartition).value();
  ASSERT_TRUE(late.position_of(kPartition).ok());
  ASSERT_TRUE(owner.begin(kPartition, start, at(1)).ok());
  auto begun = std::async(std::launch::async, [&] { return late.begin(kPartition, start, at(1)); });
  ASSERT_TRUE(owner.upsert(std::span<const OrderRow>(std::vector{row(0)})).ok());
  EXPECT_EQ(begun.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout);
  ASSERT_TRUE(owner.commit().ok());
  const auto result = begun.get();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, Error::Kind::kFenced);
}

TEST_F(MysqlDatabaseTest, WritersOfDifferentPartitionsDoNotWaitForEachOther) {
  MysqlDatabase first = open();
  MysqlDatabase second = open();
  ASSERT_TRUE(first.position_of({0}).ok());
  ASSERT_TRUE(second.position_of({1}).ok());
  ASSERT_TRUE(first.begin({0}, {}, at(1)).ok());
  ASSERT_TRUE(second.begin({1}, {}, at(1)).ok());
  ASSERT_TRUE(second.commit().ok());
  ASSERT_TRUE(first.commit().ok());
}

TEST_F(MysqlDatabaseTest, SaysWhyItRefusesRowsAndGoesOnWithoutThem) {
  test_database_.run("ALTER TABLE orders ADD CONSTRAINT no_eve CHECK (user <> 'eve')");
  MysqlDatabase database = open();
  const StoredPosition start = database.position_of(kPartition).value();
  ASSERT_TRUE(database.begin(kPartition, start, at(1)).ok());
  const auto refusal = database.upsert(std::span<const OrderRow>(std::vector{row(1), row(2, "eve"), row(3)}));
  ASSERT_TRUE(refusal.ok()) << refusal.error().message;
  ASSERT_TRUE(refusal->has_value());
  EXPECT_THAT((*refusal)->words, HasSubstr("no_eve"));
  EXPECT_NE((*refusal)->code, 0U);
  const auto others = database.upsert(std::span<const OrderRow>(std::vector{row(1), row(3)}));
  ASSERT_TRUE(others.ok() && !others->has_value());
  ASSERT_TRUE(database.commit().ok());
  EXPECT_THAT(stored(), ElementsAre(text_of(row(1)), text_of(row(3))));
}

TEST_F(MysqlDatabaseTest, RefusesTextThatDoesNotFitInsteadOfCuttingIt) {
  MysqlDatabase database = open();
  ASSERT_TRUE(database.begin(kPartition, database.position_of(kPartition).value(), at(1)).ok());
  const auto refusal = database.upsert(std::span<const OrderRow>(std::vector{row(1, std::string(65, 'x'))}));
  ASSERT_TRUE(refusal.ok()) << refusal.error().message;
  EXPECT_TRUE(refusal->has_value());
}

TEST_F(MysqlDatabaseTest, RefusesADatabaseOfOtherTopics) {
  MysqlDatabase database = open();
  ASSERT_TRUE(database.position_of(kPartition).ok());
  MysqlDatabase of_four(test_database_.settings(), test_database_.password(), kGeneration, 4);
  MysqlDatabase of_next(test_database_.settings(), test_database_.password(), Generation{2}, kPartitions);
  for (MysqlDatabase* other : {&of_four, &of_next}) {
    const auto stands = other->position_of({0});
    ASSERT_FALSE(stands.ok());
    EXPECT_EQ(stands.error().kind, Error::Kind::kFatal);
    EXPECT_THAT(stands.error().message, HasSubstr("holds orders of generation 1 with 8 partitions, but this sink is set to"));
  }
}

TEST_F(MysqlDatabaseTest, NamesTheFileOfATableOrColumnThatIsMissing) {
  test_database_.run("ALTER TABLE sales DROP COLUMN opened_slots");
  auto stands = open().position_of(kPartition);
  ASSERT_FALSE(stands.ok());
  EXPECT_EQ(stands.error().kind, Error::Kind::kFatal);
  EXPECT_THAT(stands.error().message, HasSubstr("has not the table sales that this sink needs"));
  EXPECT_THAT(stands.error().message, HasSubstr("opened_slots"));
  EXPECT_THAT(stands.error().message, HasSubstr("apply schemas/mysql/002_payments_sales_history.sql"));
  test_database_.run("DROP TABLE positions");
  stands = open().position_of(kPartition);
  ASSERT_FALSE(stands.ok());
  EXPECT_THAT(stands.error().message, HasSubstr("apply schemas/mysql/001_orders.sql, e.g. mariadb "));
}

TEST_F(MysqlDatabaseTest, EveryFileCanBeAppliedAgainAndEveryColumnIsExplained) {
  test_database_.apply("schemas/mysql/001_orders.sql");
  test_database_.apply("schemas/mysql/002_payments_sales_history.sql");
  EXPECT_THAT(
      test_database_.rows("SELECT table_name, column_name FROM information_schema.columns WHERE column_comment = '' AND "
                          "table_schema = DATABASE()"),
      IsEmpty());
}

TEST_F(MysqlDatabaseTest, AWrongPasswordNeedsAPerson) {
  MysqlDatabase database(test_database_.settings(), "wrong", kGeneration, kPartitions);
  const auto stands = database.position_of(kPartition);
  ASSERT_FALSE(stands.ok());
  EXPECT_EQ(stands.error().kind, Error::Kind::kFatal);
  EXPECT_THAT(stands.error().message, testing::Not(HasSubstr("wrong")));
}

TEST_F(MysqlDatabaseTest, AServerThatIsNotThereIsWaitedFor) {
  MysqlSettings nowhere = test_database_.settings();
  nowhere.port = static_cast<std::uint16_t>(free_port());
  MysqlDatabase database(nowhere, test_database_.password(), kGeneration, kPartitions);
  const auto stands = database.position_of(kPartition);
  ASSERT_FALSE(stands.ok());
  EXPECT_EQ(stands.error().kind, Error::Kind::kRetryable);
}

TEST_F(MysqlDatabaseTest, AConnectionThatIsLostInATransactionTakesTheTransactionWithIt) {
  MysqlDatabase database = open();
  ASSERT_TRUE(database.begin(kPartition, database.position_of(kPartition).value(), at(1)).ok());
  ASSERT_TRUE(database.upsert(std::span<const OrderRow>(std::vector{row(1)})).ok());
  for (const std::string& id :
       test_database_.rows("SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND "
                           "db = '" +
                           test_database_.settings().database + "'")) {
    test_database_.run("KILL " + id);
  }
  const auto committed = database.commit();
  ASSERT_FALSE(committed.ok());
  EXPECT_EQ(committed.error().kind, Error::Kind::kRetryable);
  EXPECT_EQ(database.position_of(kPartition).value(), StoredPosition());
  EXPECT_THAT(stored(), IsEmpty());
}

}  // namespace
}  // namespace sluice
