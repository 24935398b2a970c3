#include "tests/simulation/simulated_store.h"

#include <exception>
#include <utility>

namespace sluice::simulation {
namespace {

constexpr std::size_t kWaitingMax = 8;
constexpr double kWriteFails = 0.003;

}  // namespace

void write_rows(const RowWrites& writes, Rows& rows) {
  for (const auto& [key, value] : writes.puts) rows[key] = value;
  for (const std::string& key : writes.deletes) rows.erase(key);
}

SimulatedStore::~SimulatedStore() {
  const bool crash = std::uncaught_exceptions() > 0;
  if (!crash) settle();
  while (!waiting_.empty() && broker_.dice.chance(0.5)) write_first();
  if (waiting_.empty()) return;
  ++broker_.happenings[Happening::kLastWritesLost];
  if (!disk_.tears_writes) return;
  RowWrites half = std::move(waiting_.front());
  half.puts.erase(half.puts.begin(), half.puts.begin() + static_cast<std::ptrdiff_t>(half.puts.size() / 2));
  write_rows(half, disk_.rows);
}

Result<void> SimulatedStore::scan_range(std::string_view first, std::string_view end, const RowVisit& visit) {
  return calls_.make(Step::kStoreScan, [&]() -> Result<void> {
    settle();
    if (failure_) return *failure_;
    return RowsInMemory(disk_.rows).scan_range(first, end, visit);
  });
}

Result<std::vector<std::optional<std::string>>> SimulatedStore::get(const std::vector<std::string>& keys) {
  return calls_.make(Step::kStoreGet, [&]() -> Result<std::vector<std::optional<std::string>>> {
    settle();
    if (failure_) return *failure_;
    return RowsInMemory(disk_.rows).get(keys);
  });
}

Result<void> SimulatedStore::find_at_or_before(
    const std::vector<std::string>& keys,
    const std::function<void(std::size_t i, std::string_view key, std::string_view value)>& visit) {
  return calls_.make(Step::kStoreGet, [&]() -> Result<void> {
    settle();
    if (failure_) return *failure_;
    return RowsInMemory(disk_.rows).find_at_or_before(keys, visit);
  });
}

Result<void> SimulatedStore::write(RowWrites writes) {
  return calls_.make(redoing_() ? Step::kRedoWrite : Step::kStoreWrite, [&]() -> Result<void> {
    judge_(writes);
    if (failure_) return *failure_;
    waiting_.push_back(std::move(writes));
    while (!waiting_.empty() && (broker_.calm || waiting_.size() > kWaitingMax || broker_.dice.chance(0.5))) write_first();
    return {};
  });
}

// What waits is written meanwhile, or not yet.
Result<void> SimulatedStore::failed_write() {
  if (!waiting_.empty() && (broker_.calm || broker_.dice.chance(0.5))) write_first();
  if (failure_) return *failure_;
  return {};
}

const Rows* SimulatedStore::settled_rows() {
  settle();
  if (disk_.of_another_log) throw Violation("I7: the view shows a store of another log");
  return failure_ ? nullptr : &disk_.rows;
}

void SimulatedStore::settle() {
  while (!waiting_.empty()) write_first();
}

// Once a write has failed nothing more is written.
void SimulatedStore::write_first() {
  if (!broker_.calm && broker_.dice.chance(kWriteFails)) {
    ++broker_.happenings[Happening::kWriteFailedBehind];
    failure_ = Error::retryable("simulated: a write behind has failed");
    waiting_.clear();
    return;
  }
  write_rows(waiting_.front(), disk_.rows);
  waiting_.pop_front();
}

}  // namespace sluice::simulation
