// Shell: reapers in a world in memory, and time that passes for all of them.
#pragma once

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

#include "tests/reaper/memory_world.h"

namespace sluice {

inline constexpr Partition kPartition = MemoryWorld::kPartition;
inline constexpr UnixMillis kStep = 10;
inline constexpr UnixMillis kSecond = 1000;
inline constexpr UnixMillis kHour = 3600 * kSecond;

// One process.
struct Reaper {
  Reaper(MemoryWorld& in, MemoryMarks& marks, const ReaperLimits& limits = {})
      : world(in),
        feed(in),
        appender(in),
        metrics(registry),
        loop(limits, MemoryWorld::kGeneration, feed, appender, marks, metrics) {
    const std::vector<Partition> all = {kPartition};
    loop.own(all);
  }

  Result<void> poll() { return loop.poll_once(world.now() + clock_error); }

  MemoryWorld& world;
  UnixMillis clock_error = 0;
  MemoryOrdersFeed feed;
  MemoryDueAppender appender;
  Metrics registry;
  ReaperMetrics metrics;
  ReaperLoop loop;
};

class ReaperLoopTest : public testing::Test {
 protected:
  // Lets time pass in small steps. In each the reapers turn once, and the ledger, unless it is down, rules.
  void run_for(UnixMillis span, const std::vector<Reaper*>& reapers) {
    for (const UnixMillis end = world_.now() + span; world_.now() < end;) {
      world_.pass(kStep);
      for (Reaper* reaper : reapers) {
        const auto done = reaper->poll();
        ASSERT_TRUE(done) << done.error().message;
      }
      if (!ledger_is_down_) world_.rule();
    }
  }

  // By order: when the record that holds it was appended, and the hold.
  struct Story {
    UnixMillis ripe = 0;
    UnixMillis released_in_log_time = 0;
    UnixMillis released_at = 0;  // append of the record
  };
  std::map<std::uint64_t, Story> stories() const {
    std::map<std::uint64_t, Story> stories;
    for (const MemoryRecord& record : world_.orders()) {
      for (const v1::Order& order : record.record.change().orders()) {
        Story& story = stories[order.id()];
        if (order.status() == v1::HELD) story.ripe = record.append_time + kSecond * order.hold_seconds();
        if (order.status() != v1::RELEASED) continue;
        EXPECT_EQ(story.released_at, 0) << "released twice";
        story.released_in_log_time = record.record.log_time_ms();
        story.released_at = record.append_time;
      }
    }
    return stories;
  }

  // When the slots of `sku` opened, by the appends of the records.
  std::vector<UnixMillis> openings(const std::string& sku) const {
    std::vector<UnixMillis> openings;
    for (const MemoryRecord& record : world_.orders()) {
      if (record.record.change().sku() != sku) continue;
      for (int i = 0; i < record.record.change().slots_opened_size(); ++i) openings.push_back(record.append_time);
    }
    return openings;
  }

  MemoryWorld world_;
  MemoryMarks marks_;
  bool ledger_is_down_ = false;
};

}  // namespace sluice
