// Shell: one partition of both topics in memory, with the real rules of the ledger in between and time that the test moves. The
// reaper's ports are views of it; they come and go as clients do.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "reaper/due_appender.h"
#include "reaper/orders_feed.h"
#include "reaper/read_marks.h"
#include "reaper/reaper_loop.h"
#include "schemas/intent.pb.h"
#include "schemas/order_record.pb.h"

namespace sluice {

struct MemoryRecord {
  std::string bytes;
  UnixMillis append_time;
  v1::OrderRecord record;
};

class MemoryWorld {
 public:
  static constexpr Partition kPartition{0};
  static constexpr Generation kGeneration{1};

  UnixMillis now() const { return now_; }  // the broker's clock
  void pass(UnixMillis span) { now_ += span; }
  void set_clock(UnixMillis now) { now_ = now; }

  // Appends to `intents`; at which offset.
  Offset append(const std::string& bytes);
  Offset append(const v1::Intent& intent) { return append(intent.SerializeAsString()); }

  Offset define(const std::string& sku, std::uint32_t version, std::uint32_t hold_seconds,
                const std::vector<UnixMillis>& opens = {0});
  // The ticket that it gets; the order, if it is accepted.
  Ticket buy(const std::string& sku, const std::string& user);
  Offset pay(Ticket order, const std::string& payment);
  Offset cancel(Ticket order, const std::string& user);

  // The ledger rules on at most `count_max` intents; its records are appended now.
  void rule(std::size_t count_max = 1'000'000);
  // A record that no ledger wrote.
  void append_record(const v1::OrderRecord& record) { orders_.push_back({record.SerializeAsString(), now_, record}); }

  const std::vector<std::string>& intents() const { return intents_; }
  const std::vector<MemoryRecord>& orders() const { return orders_; }
  std::vector<MemoryRecord>& damage() { return orders_; }
  std::size_t unruled() const { return intents_.size() - static_cast<std::size_t>(ledger_.state().next); }
  int dues() const { return dues_; }

 private:
  std::vector<std::string> intents_;
  std::vector<UnixMillis> intent_times_;
  std::vector<MemoryRecord> orders_;
  UnixMillis now_ = 1'800'000'000'000;
  int dues_ = 0;
  Ledger ledger_{LedgerIdentity{.partition = kPartition, .generation = kGeneration, .partition_count = 1}};
  std::map<std::string, std::string> rows_;
};

// Log offsets are twice the record's number: the odd ones are transaction markers.
class MemoryOrdersFeed final : public OrdersFeed {
 public:
  explicit MemoryOrdersFeed(const MemoryWorld& world) : world_(world) {}

  Result<FeedBounds> bounds(Partition) override { return FeedBounds{0, end()}; }
  Result<void> start(Partition, std::int64_t log_offset) override;
  void stop(Partition) override { next_.reset(); }
  Result<FedBatch> poll(int count_max, std::chrono::milliseconds wait) override;

  std::vector<std::int64_t> starts;  // where each reading began
  bool fails_once = false;           // the next poll
  bool stands_still = false;         // nothing comes, as from a broker that cannot be reached
  std::chrono::milliseconds last_wait{0};

 private:
  std::int64_t end() const { return 2 * static_cast<std::int64_t>(world_.orders().size()); }

  const MemoryWorld& world_;
  std::optional<std::int64_t> next_;
  std::vector<FedRecord> records_;
  std::vector<FedUpTo> ends_;
};

class MemoryDueAppender final : public DueAppender {
 public:
  explicit MemoryDueAppender(MemoryWorld& world) : world_(world) {}

  enum class Fate { kWritten, kNotTaken, kNotWritten, kWrittenSaysNothing };

  Result<void> append(Partition partition, const v1::Due& due, std::uint64_t id) override;
  Result<std::span<const DueWritten>> poll() override;

  std::function<Fate()> fate = [] { return Fate::kWritten; };
  std::vector<v1::Due> dues;  // all that were asked for

 private:
  MemoryWorld& world_;
  std::vector<DueWritten> ended_;
  std::vector<DueWritten> told_;
};

// What a group keeps; outlives the reapers.
class MemoryMarks final : public ReadMarks {
 public:
  Result<std::optional<ReadMark>> mark_of(Partition partition) override {
    const auto found = marks.find(partition);
    return found == marks.end() ? std::optional<ReadMark>() : std::optional(found->second);
  }
  Result<void> keep(const std::map<Partition, ReadMark>& moved) override {
    if (fails) return Error::retryable("planned");
    for (const auto& [partition, mark] : moved) marks[partition] = mark;
    return {};
  }

  std::map<Partition, ReadMark> marks;
  bool fails = false;
};

}  // namespace sluice
