// Shell: a lane's ports over nothing: empty logs, an empty store, and a writer that is acquired as a script says.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "ledger/lane_thread.h"
#include "runtime/bounded_queue.h"
#include "tests/runtime/comes_true.h"

namespace sluice {

// What the attempts to acquire the partition end with, one after the other; after the last all succeed. From any thread.
class Script {
 public:
  explicit Script(std::deque<Result<void>> outcomes = {}) : outcomes_(std::move(outcomes)) {}

  Result<void> next() {
    const std::lock_guard lock(mutex_);
    ++attempts_;
    if (outcomes_.empty()) return {};
    Result<void> outcome = outcomes_.front();
    outcomes_.pop_front();
    return outcome;
  }

  int attempts() const {
    const std::lock_guard lock(mutex_);
    return attempts_;
  }

 private:
  mutable std::mutex mutex_;
  std::deque<Result<void>> outcomes_;
  int attempts_ = 0;
};

class ScriptedWriter : public OrderWriter {
 public:
  explicit ScriptedWriter(Script& script) : script_(script) {}
  Result<void> acquire() override { return script_.next(); }
  Result<void> begin() override { return {}; }
  Result<void> append(std::string_view, std::string_view) override { return {}; }
  Result<void> flush() override { return {}; }
  Result<void> commit() override { return {}; }

 private:
  Script& script_;
};

// Does it at once.
class NoBackground : public Background {
 public:
  void start(Work work) override { outcome_ = work(); }
  bool is_done() override { return true; }
  Result<void> finish() override { return outcome_; }

 private:
  Result<void> outcome_;
};

class EmptyOrderLog : public OrderLog {
 public:
  Result<LogRange> range() override { return LogRange{}; }
  Result<std::int64_t> locate(const std::function<bool(std::string_view)>&) override { return std::int64_t{0}; }
  Result<void> start_at(std::int64_t) override { return {}; }
  Result<RecordPoll> poll(std::chrono::milliseconds) override { return RecordPoll{.records = {}, .end = 0}; }
};

class EmptyIntentLog : public IntentLog {
 public:
  Result<LogRange> range() override { return LogRange{}; }
  Result<void> start_at(Offset) override { return {}; }
  Result<std::span<const IntentMessage>> poll(int, std::chrono::milliseconds wait) override {
    nothing_.pop_for(wait);  // as a reader waits for what does not come
    return std::span<const IntentMessage>();
  }

 private:
  BoundedQueue<int> nothing_{1};
};

class EmptyStore : public LedgerStore {
 public:
  Result<void> scan_range(std::string_view, std::string_view, const RowVisit&) override { return {}; }
  Result<void> find_at_or_before(const std::vector<std::string>&,
                                 const std::function<void(std::size_t, std::string_view, std::string_view)>&) override {
    return {};
  }
  Result<std::vector<std::optional<std::string>>> get(const std::vector<std::string>& keys) override {
    return std::vector<std::optional<std::string>>(keys.size());
  }
  Result<void> write(RowWrites) override { return {}; }
};

class UnseenView : public StateView {
 public:
  bool keeps_up() const override { return false; }
  void publish(ViewChanges) override {}
  void trust_store() override {}
};

inline LanePorts scripted_ports(Script& script) {
  LanePorts ports;
  ports.store = std::make_unique<EmptyStore>();
  ports.view = std::make_unique<UnseenView>();
  ports.writer = std::make_unique<ScriptedWriter>(script);
  ports.orders = std::make_unique<EmptyOrderLog>();
  ports.intents = std::make_unique<EmptyIntentLog>();
  return ports;
}

}  // namespace sluice
