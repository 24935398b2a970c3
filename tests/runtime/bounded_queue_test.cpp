#include "runtime/bounded_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace sluice {
namespace {

using namespace std::chrono_literals;

TEST(BoundedQueueTest, GivesValuesBackInOrder) {
  BoundedQueue<int> queue(3);
  for (const int value : {1, 2, 3}) EXPECT_TRUE(queue.push(value));
  EXPECT_EQ(queue.size(), 3U);
  for (const int value : {1, 2, 3}) EXPECT_EQ(queue.pop(), value);
}

TEST(BoundedQueueTest, RefusesToGrowBeyondItsBound) {
  BoundedQueue<int> queue(1);
  EXPECT_TRUE(queue.try_push(1));
  EXPECT_FALSE(queue.try_push(2));
  EXPECT_EQ(queue.try_pop(), 1);
  EXPECT_TRUE(queue.try_push(3));
}

TEST(BoundedQueueTest, LetsAWriterWaitForRoom) {
  constexpr int kValues = 10'000;
  BoundedQueue<int> queue(2);
  std::thread writer([&] {
    for (int i = 0; i < kValues; ++i) queue.push(i);
    queue.close();
  });
  int expected = 0;
  while (const auto value = queue.pop()) {
    EXPECT_LE(queue.size(), 2U);
    ASSERT_EQ(*value, expected++);
  }
  EXPECT_EQ(expected, kValues);
  writer.join();
}

TEST(BoundedQueueTest, StopsWaitingAtTheLimit) {
  BoundedQueue<int> queue(1);
  EXPECT_EQ(queue.pop_for(1ms), std::nullopt);
}

TEST(BoundedQueueTest, WakesEverybodyWhenItIsClosed) {
  BoundedQueue<int> empty(1);
  BoundedQueue<int> full(1);
  full.push(1);
  std::thread reader([&] { EXPECT_EQ(empty.pop(), std::nullopt); });
  std::thread writer([&] { EXPECT_FALSE(full.push(2)); });
  empty.close();
  full.close();
  reader.join();
  writer.join();
  EXPECT_EQ(full.pop(), 1) << "what was in it can still be taken";
  EXPECT_EQ(full.pop(), std::nullopt);
}

TEST(BoundedQueueTest, CarriesWhatCanOnlyBeMoved) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  queue.push(std::make_unique<int>(5));
  EXPECT_EQ(**queue.pop(), 5);
}

}  // namespace
}  // namespace sluice
