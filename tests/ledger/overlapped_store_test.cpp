#include "ledger/overlapped_store.h"

#include <gmock/gmock.h>

#include <map>

#include "runtime/bounded_queue.h"
#include "tests/ledger/rows_in_memory.h"
#include "tests/ledger/scripted_ports.h"

namespace sluice {
namespace {

using testing::ElementsAre;

// What outlives a store.
struct Disk {
  std::map<std::string, std::string> rows;
  std::vector<std::string> order;       // of the keys that were written
  BoundedQueue<int> permits{1000};      // a write waits for one
  std::optional<std::string> fails_at;  // the write with this key fails
};

class SlowStore : public RowsInMemory {
 public:
  explicit SlowStore(Disk& disk) : RowsInMemory(disk.rows), disk_(disk) {}
  Result<void> write(RowWrites writes) override {
    disk_.permits.pop();
    for (const auto& [key, value] : writes.puts) {
      if (key == disk_.fails_at) return Error::fatal("the disk is full");
      disk_.rows[key] = value;
      disk_.order.push_back(key);
    }
    return {};
  }

 private:
  Disk& disk_;
};

class OverlappedStoreTest : public testing::Test {
 protected:
  OverlappedStoreTest() : store_(std::make_unique<OverlappedStore>(std::make_unique<SlowStore>(disk_))) {}
  ~OverlappedStoreTest() override { permit(100); }

  void permit(int writes) {
    for (int i = 0; i < writes; ++i) disk_.permits.try_push(0);
  }
  Result<void> put(const std::string& key) { return store_->write({{{key, "value"}}, {}}); }

  Disk disk_;
  std::unique_ptr<OverlappedStore> store_;
};

TEST_F(OverlappedStoreTest, AWriteDoesNotWaitForTheDisk) {
  EXPECT_TRUE(put("a"));
  EXPECT_TRUE(put("b"));
}

TEST_F(OverlappedStoreTest, WritesInTheOrderOfTheCallsAndFinishesAtTheEnd) {
  for (const char* key : {"c", "a", "b"}) ASSERT_TRUE(put(key));
  permit(3);
  store_.reset();
  EXPECT_THAT(disk_.order, ElementsAre("c", "a", "b"));
}

TEST_F(OverlappedStoreTest, AReadSeesEveryWriteThatWasCalledBefore) {
  ASSERT_TRUE(put("a"));
  std::thread disk([this] { permit(1); });
  const auto values = store_->get({"a", "b"});
  disk.join();
  ASSERT_TRUE(values);
  EXPECT_THAT(*values, ElementsAre(std::optional<std::string>("value"), std::nullopt));

  ASSERT_TRUE(put("b"));
  permit(1);
  std::vector<std::string> seen;
  ASSERT_TRUE(store_->scan("", [&](std::string_view key, std::string_view) {
    seen.emplace_back(key);
    return true;
  }));
  EXPECT_THAT(seen, ElementsAre("a", "b"));
}

TEST_F(OverlappedStoreTest, NeverHoldsMoreThanItsBound) {
  for (std::size_t i = 0; i < OverlappedStore::kWaitingMax; ++i) ASSERT_TRUE(put(std::to_string(i)));
  std::atomic<bool> returned = false;
  std::thread lane([&] {
    EXPECT_TRUE(put("one more"));
    returned = true;
  });
  EXPECT_FALSE(returned);
  permit(1);
  EXPECT_TRUE(comes_true([&] { return returned.load(); }));
  lane.join();
}

TEST_F(OverlappedStoreTest, AFailedWriteIsToldByTheNextCallsAndNothingIsWrittenAfterIt) {
  disk_.fails_at = "b";
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(put(key));
  EXPECT_TRUE(store_->failed_write()) << "it waits for nothing";
  permit(3);
  const auto values = store_->get({"a"});
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().message, "the disk is full");
  EXPECT_FALSE(store_->failed_write()) << "nor does a lane without intents go on";
  EXPECT_FALSE(put("d"));
  store_.reset();
  EXPECT_THAT(disk_.order, ElementsAre("a"));
}

}  // namespace
}  // namespace sluice
