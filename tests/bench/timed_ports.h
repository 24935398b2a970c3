// Shell: a lane's ports with a stopwatch at each call.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "ledger/background.h"
#include "ledger/intent_log.h"
#include "ledger/ledger_store.h"
#include "ledger/order_log.h"
#include "runtime/clock.h"

namespace sluice::bench {

enum class Step { kPoll, kFetch, kWait, kStore, kAppend, kFlush, kCommit };
inline constexpr std::array<std::string_view, 7> kStepNames = {"poll", "fetch", "wait", "store", "append", "flush", "commit"};
// From here on a lane's are beside the others, in a thread of their own; the bare loop waits for them itself.
inline constexpr std::size_t kBesideFrom = static_cast<std::size_t>(Step::kAppend);

struct Times {
  std::array<std::int64_t, kStepNames.size()> nanos{};
  std::int64_t records = 0;
  std::int64_t record_bytes = 0;
  std::int64_t transactions = 0;

  std::int64_t& of(Step step) { return nanos[static_cast<std::size_t>(step)]; }
};

class Stopwatch {
 public:
  Stopwatch(Times& times, Step step) : nanos_(times.of(step)), begun_(steady_nanos()) {}
  ~Stopwatch() { nanos_ += steady_nanos() - begun_; }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  std::int64_t& nanos_;
  std::int64_t begun_;
};

class TimedIntentLog : public IntentLog {
 public:
  TimedIntentLog(IntentLog& log, Times& times) : log_(log), times_(times) {}
  Result<LogRange> range() override { return log_.range(); }
  Result<void> start_at(Offset next) override { return log_.start_at(next); }
  Result<std::span<const IntentMessage>> poll(int count_max, std::chrono::milliseconds wait) override {
    const Stopwatch watch(times_, Step::kPoll);
    return log_.poll(count_max, wait);
  }

 private:
  IntentLog& log_;
  Times& times_;
};

class TimedOrderWriter : public OrderWriter {
 public:
  TimedOrderWriter(OrderWriter& writer, Times& times) : writer_(writer), times_(times) {}
  Result<void> acquire() override { return writer_.acquire(); }
  Result<void> begin() override { return writer_.begin(); }
  Result<void> append(std::string_view sku, std::string_view record) override {
    ++times_.records;
    times_.record_bytes += static_cast<std::int64_t>(record.size());
    const Stopwatch watch(times_, Step::kAppend);
    return writer_.append(sku, record);
  }
  Result<void> flush() override {
    const Stopwatch watch(times_, Step::kFlush);
    return writer_.flush();
  }
  Result<void> commit() override {
    ++times_.transactions;
    const Stopwatch watch(times_, Step::kCommit);
    return writer_.commit();
  }

 private:
  OrderWriter& writer_;
  Times& times_;
};

class TimedBackground : public Background {
 public:
  TimedBackground(Background& background, Times& times) : background_(background), times_(times) {}
  void start(Work work) override { background_.start(std::move(work)); }
  bool is_done() override { return background_.is_done(); }
  Result<void> finish() override {
    const Stopwatch watch(times_, Step::kWait);
    return background_.finish();
  }

 private:
  Background& background_;
  Times& times_;
};

class TimedStore : public LedgerStore {
 public:
  TimedStore(LedgerStore& store, Times& times) : store_(store), times_(times) {}
  Result<void> scan_range(std::string_view first, std::string_view end, const RowVisit& visit) override {
    return store_.scan_range(first, end, visit);
  }
  Result<void> find_at_or_before(
      const std::vector<std::string>& keys,
      const std::function<void(std::size_t i, std::string_view key, std::string_view value)>& visit) override {
    const Stopwatch watch(times_, Step::kFetch);
    return store_.find_at_or_before(keys, visit);
  }
  Result<std::vector<std::optional<std::string>>> get(const std::vector<std::string>& keys) override {
    const Stopwatch watch(times_, Step::kFetch);
    return store_.get(keys);
  }
  Result<void> write(RowWrites writes) override {
    const Stopwatch watch(times_, Step::kStore);
    return store_.write(std::move(writes));
  }

 private:
  LedgerStore& store_;
  Times& times_;
};

}  // namespace sluice::bench
