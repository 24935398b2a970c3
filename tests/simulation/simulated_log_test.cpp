// The simulated log keeps what Kafka promises, so that what is proven on it means something.
#include "tests/simulation/simulated_log.h"

#include <gtest/gtest.h>

namespace sluice::simulation {
namespace {

using Answer = SimulatedOrders::Answer;

std::vector<std::string> decided(const SimulatedOrders& orders) {
  std::vector<std::string> records;
  orders.read_decided(0, [&](UnixMillis, const std::string& record) { records.push_back(record); });
  return records;
}

std::vector<std::string> committed(const SimulatedOrders& orders, std::int64_t from = 0) {
  std::vector<std::string> records;
  orders.read(from, orders.stable_end(), [&](std::int64_t, UnixMillis, const std::string& record) {
    records.push_back(record);
    return true;
  });
  return records;
}

int begun(SimulatedOrders& orders) {
  const int epoch = orders.init();
  EXPECT_EQ(orders.add_partition(epoch), Answer::kDone);
  return epoch;
}

TEST(SimulatedOrdersTest, ShowsRecordsOnceTheyAreCommitted) {
  SimulatedOrders orders;
  const int epoch = begun(orders);
  EXPECT_EQ(orders.produce(epoch, "a"), Answer::kDone);
  EXPECT_TRUE(committed(orders).empty());
  EXPECT_EQ(orders.stable_end(), 0);
  EXPECT_EQ(orders.commit(epoch, true), Answer::kDone);
  EXPECT_EQ(committed(orders), std::vector<std::string>{"a"});
}

TEST(SimulatedOrdersTest, CountsMarkersInItsEndAndNeverDeliversThem) {
  SimulatedOrders orders;
  const int epoch = begun(orders);
  orders.produce(epoch, "a");
  orders.commit(epoch, true);
  EXPECT_EQ(orders.end(), 2);
  EXPECT_EQ(orders.stable_end(), 2);
  EXPECT_TRUE(committed(orders, 1).empty());
}

TEST(SimulatedOrdersTest, AcknowledgesACommitBeforeReadersSeeIt) {
  SimulatedOrders orders;
  const int epoch = begun(orders);
  orders.produce(epoch, "a");
  EXPECT_EQ(orders.commit(epoch, false), Answer::kDone);
  EXPECT_TRUE(committed(orders).empty());
  EXPECT_EQ(decided(orders), std::vector<std::string>{"a"});
  orders.settle();
  EXPECT_EQ(committed(orders), std::vector<std::string>{"a"});
}

TEST(SimulatedOrdersTest, CompletesACommitBeforeANewOwnerComes) {
  SimulatedOrders orders;
  const int epoch = begun(orders);
  orders.produce(epoch, "a");
  orders.commit(epoch, false);
  orders.init();
  EXPECT_EQ(committed(orders), std::vector<std::string>{"a"});
}

TEST(SimulatedOrdersTest, FencesTheOldOwnerAndAbortsWhatItLeft) {
  SimulatedOrders orders;
  const int old_owner = begun(orders);
  orders.produce(old_owner, "a");
  const int new_owner = orders.init();
  EXPECT_EQ(orders.stable_end(), orders.end());
  EXPECT_EQ(orders.produce(old_owner, "b"), Answer::kFenced);
  EXPECT_EQ(orders.commit(old_owner, true), Answer::kFenced);
  EXPECT_EQ(orders.add_partition(old_owner), Answer::kFenced);
  EXPECT_EQ(orders.add_partition(new_owner), Answer::kDone);
  orders.produce(new_owner, "c");
  orders.commit(new_owner, true);
  EXPECT_EQ(committed(orders), std::vector<std::string>{"c"});
}

TEST(SimulatedOrdersTest, LetsALateEndOfATransactionEndTheNextOneOfTheSameEpoch) {
  SimulatedOrders orders;
  const int epoch = begun(orders);
  orders.produce(epoch, "a");
  orders.commit(epoch, true);
  orders.add_partition(epoch);
  orders.produce(epoch, "b");
  EXPECT_EQ(orders.commit(epoch, true), Answer::kDone) << "the late one";
  EXPECT_EQ(committed(orders), (std::vector<std::string>{"a", "b"})) << "a prefix is visible";
  EXPECT_EQ(orders.produce(epoch, "c"), Answer::kRefused) << "the rest belongs to no transaction";
  EXPECT_EQ(orders.commit(epoch, true), Answer::kDone) << "which cannot be told from having ended it oneself";
}

TEST(SimulatedOrdersTest, AbortsATransactionThatLastsTooLongAndFencesItsWriter) {
  SimulatedOrders orders;
  const int epoch = begun(orders);
  orders.produce(epoch, "a");
  orders.expire();
  EXPECT_EQ(orders.commit(epoch, true), Answer::kFenced);
  EXPECT_TRUE(committed(orders).empty());
}

TEST(SimulatedOrdersTest, HoldsReadersBackWhileAStrangersTransactionIsOpen) {
  SimulatedOrders orders;
  orders.open_strangers_transaction();
  const int epoch = begun(orders);
  orders.produce(epoch, "a");
  orders.commit(epoch, true);
  EXPECT_TRUE(committed(orders).empty());
  EXPECT_EQ(orders.stable_end(), 0);
  orders.abort_strangers_transaction();
  EXPECT_EQ(committed(orders), std::vector<std::string>{"a"});
}

TEST(SimulatedOrdersTest, TakesStaleWritesOnABrokerThatDoesNotVerifyThem) {
  SimulatedOrders orders({.verifies_writes = false});
  const int old_owner = begun(orders);
  orders.produce(old_owner, "a");
  orders.commit(old_owner, true);
  const int new_owner = orders.init();
  EXPECT_EQ(orders.produce(old_owner, "stale"), Answer::kDone) << "no marker has told the leader of the new epoch";
  orders.add_partition(new_owner);
  orders.produce(new_owner, "b");
  orders.commit(new_owner, true);
  EXPECT_EQ(committed(orders), (std::vector<std::string>{"a", "stale", "b"}));
}

TEST(SimulatedOrdersTest, AcknowledgesACommitThatItDoesNotMakeIfItTookWritesOutsideTransactions) {
  SimulatedOrders orders({.verifies_writes = false});
  const int epoch = begun(orders);
  orders.produce(epoch, "a");
  orders.commit(epoch, true);
  EXPECT_EQ(orders.produce(epoch, "b"), Answer::kDone) << "though a late end has ended its transaction";
  EXPECT_EQ(orders.commit(epoch, true), Answer::kDone);
  EXPECT_EQ(committed(orders), std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace sluice::simulation
