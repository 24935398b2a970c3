#include "tests/bench/verdict_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "kafka/topic_reader.h"
#include "runtime/clock.h"
#include "tests/bench/intent_writer.h"
#include "tests/bench/ticker.h"

namespace sluice::bench {
namespace {

constexpr std::chrono::milliseconds kPatience{15'000};
constexpr std::size_t kMessagesMax = 10'000;
constexpr std::int64_t kNanosPerMicro = 1'000;
constexpr double kMicrosPerMilli = 1e3;

double milli_percentile(const std::vector<std::int64_t>& micros, double share) {
  if (micros.empty()) return 0;
  const auto place = static_cast<std::size_t>(share * static_cast<double>(micros.size() - 1));
  return static_cast<double>(micros[place]) / kMicrosPerMilli;
}

// The sending thread.
class Sending {
 public:
  Sending(const VerdictTimesSettings& settings, IntentWriter& writer)
      : settings_(settings), writer_(writer), ticker_(settings.per_second) {}

  Result<void> run() {
    Buyers buyers(settings_.crowd);
    for (std::int64_t sent = 0; sent < settings_.crowd.buyers;) {
      const std::int64_t due = ticker_.wait(settings_.crowd.buyers);
      late_ns_ = std::max(late_ns_, steady_nanos() - ticker_.due_ns(sent));
      for (; sent < due; ++sent) {
        const Buyers::Wish wish = buyers.wish_of(settings_.crowd.first + sent);
        if (auto appended = writer_.append(wish.sku, wish.intent); !appended) return appended;
      }
    }
    return writer_.finish();
  }

  std::int64_t due_ns(std::int64_t number) const { return ticker_.due_ns(number); }
  std::int64_t late_micros() const { return late_ns_ / kNanosPerMicro; }

 private:
  const VerdictTimesSettings& settings_;
  IntentWriter& writer_;
  Ticker ticker_;
  std::int64_t late_ns_ = 0;
};

Result<VerdictTimes> watch(kafka::TopicReader& reader, const VerdictTimesSettings& settings, const Sending& sending) {
  VerdictTimes times;
  times.micros.reserve(static_cast<std::size_t>(settings.crowd.buyers));
  for (std::int64_t seen = 0; seen < settings.crowd.buyers;) {
    const auto batch = reader.poll(kMessagesMax, kPatience, std::chrono::milliseconds{0});
    if (!batch) return batch.error();
    if (batch->messages.empty() && batch->ends.empty())
      return Error::fatal(
          fmt::format("{} got records for {} of {} intents, and no more", settings.topic, seen, settings.crowd.buyers));
    const std::int64_t now = steady_nanos();
    for (std::size_t i = 0; i < batch->messages.size(); ++i, ++seen) {
      if (seen >= settings.not_counted) times.micros.push_back((now - sending.due_ns(seen)) / kNanosPerMicro);
    }
  }
  return times;
}

}  // namespace

Result<VerdictTimes> measure_verdict_times(const VerdictTimesSettings& settings) {
  const auto writer = IntentWriter::open(settings.client);
  if (!writer) return writer.error();
  const auto reader =
      kafka::TopicReader::open(settings.client, {.topic = settings.topic, .fetch_bytes_min = 1, .fetch_wait = kPatience / 30});
  if (!reader) return reader.error();
  const auto bounds = (*reader)->bounds(0, kPatience);
  if (!bounds) return bounds.error();
  if (auto started = (*reader)->start_at(0, bounds->high); !started) return started.error();
  const auto end = (*reader)->poll(1, kPatience, std::chrono::milliseconds{0});  // it follows now
  if (!end) return end.error();

  Sending sending(settings, **writer);
  Result<void> sent;
  std::thread sender([&] { sent = sending.run(); });
  auto times = watch(**reader, settings, sending);
  sender.join();
  if (!sent) return sent.error();
  if (!times) return times;
  std::sort(times->micros.begin(), times->micros.end());
  times->sender_late_micros = sending.late_micros();
  return times;
}

std::string json_of(const VerdictTimes& times) {
  return fmt::format(
      "{{\"counted\": {}, \"p50_ms\": {:.3f}, \"p99_ms\": {:.3f}, \"p999_ms\": {:.3f}, \"max_ms\": {:.3f}, "
      "\"sender_late_ms\": {:.3f}}}",
      times.micros.size(), milli_percentile(times.micros, 0.5), milli_percentile(times.micros, 0.99),
      milli_percentile(times.micros, 0.999), milli_percentile(times.micros, 1),
      static_cast<double>(times.sender_late_micros) / kMicrosPerMilli);
}

}  // namespace sluice::bench
