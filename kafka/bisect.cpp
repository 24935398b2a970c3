#include "kafka/bisect.h"

#include <algorithm>

namespace sluice::kafka {
namespace {

using Clock = std::chrono::steady_clock;

class Search {
 public:
  Search(TopicReader& reader, const Bisection& bisection, const std::function<bool(std::string_view)>& reached)
      : reader_(reader), partition_(bisection.partition), reached_(reached), deadline_(Clock::now() + bisection.timeout) {}

  Result<std::int64_t> run(std::optional<std::int64_t> hint);

 private:
  Result<void> probe(std::int64_t offset);
  Result<void> close_in_on(std::int64_t hint);

  TopicReader& reader_;
  std::int32_t partition_;
  const std::function<bool(std::string_view)>& reached_;
  Clock::time_point deadline_;
  // Everything before low_ does not satisfy; the first message at or after high_ does, and is at answer_.
  std::int64_t low_ = 0;
  std::int64_t high_ = 0;
  std::int64_t answer_ = 0;
};

// Asks the first message at or after `offset`. REQUIRES: low_ <= offset < high_.
Result<void> Search::probe(std::int64_t offset) {
  if (auto started = reader_.start_at(partition_, offset); !started) return started;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
    if (left.count() <= 0) return Error::retryable("searching " + reader_.topic() + ": no answer from the brokers in time");
    const auto batch = reader_.poll(1, left, std::chrono::milliseconds(0));
    if (!batch) return batch.error();
    if (!batch->messages.empty()) {
      const Message& message = batch->messages.front();
      if (message.offset >= high_) {
        high_ = offset;  // nothing lies between: markers only
      } else if (reached_(message.payload)) {
        high_ = offset;
        answer_ = message.offset;
      } else {
        low_ = message.offset + 1;
      }
      return {};
    }
    if (!batch->ends.empty()) {
      high_ = offset;
      return {};
    }
  }
}

// Steps away from the hint, twice as far each time, until the answer is enclosed.
Result<void> Search::close_in_on(std::int64_t hint) {
  hint = std::clamp(hint, low_, std::max(low_, high_ - 1));
  if (hint >= high_) return {};
  if (auto probed = probe(hint); !probed) return probed;
  const bool upwards = low_ > hint;
  for (std::int64_t step = 1; low_ < high_; step *= 2) {
    const std::int64_t low_before = low_;
    const std::int64_t high_before = high_;
    const std::int64_t next = upwards ? std::min(low_ + step - 1, high_ - 1) : std::max(high_ - step, low_);
    if (auto probed = probe(next); !probed) return probed;
    if (upwards ? high_ < high_before : low_ > low_before) return {};
  }
  return {};
}

Result<std::int64_t> Search::run(std::optional<std::int64_t> hint) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
  const auto bounds = reader_.bounds(partition_, left);
  if (!bounds) return bounds.error();
  low_ = bounds->low;
  high_ = answer_ = bounds->high;
  if (hint) {
    if (auto closed_in = close_in_on(*hint); !closed_in) return closed_in.error();
  }
  while (low_ < high_) {
    if (auto probed = probe(low_ + (high_ - low_) / 2); !probed) return probed.error();
  }
  return answer_;
}

}  // namespace

Result<std::int64_t> first_offset_where(TopicReader& reader, const Bisection& bisection,
                                        const std::function<bool(std::string_view payload)>& reached) {
  auto found = Search(reader, bisection, reached).run(bisection.hint);
  reader.stop(bisection.partition);
  return found;
}

}  // namespace sluice::kafka
