#include "tests/bench/census.h"

#include <fmt/format.h>

#include "kafka/topic_reader.h"
#include "ledger/record_writer.h"
#include "schemas/coverage.h"
#include "schemas/order_record.pb.h"

namespace sluice::bench {
namespace {

constexpr std::chrono::milliseconds kPatience{10'000};
constexpr std::size_t kMessagesMax = 10'000;
constexpr std::int64_t kCurveSteps = 100;

std::string name_of(const v1::Verdict& verdict) {
  std::string name = v1::Outcome_Name(verdict.outcome());
  if (verdict.outcome() == v1::REFUSED) name += " " + v1::Reason_Name(verdict.reason());
  return name;
}

// Outcome and reason in one number: names are made once, not two million times.
int kind_of(const v1::Verdict& verdict) {
  constexpr int kReasons = 1'000;
  return verdict.outcome() * kReasons + (verdict.outcome() == v1::REFUSED ? verdict.reason() : 0);
}

class Counting {
 public:
  Counting(const CensusSettings& settings, Census& census) : settings_(settings), census_(census) {}

  Result<void> take(const kafka::Message& message) {
    ++census_.records;
    census_.record_bytes += static_cast<std::int64_t>(message.payload.size());
    std::int64_t intents = 1;
    if (!settings_.opaque) {
      if (!record_.ParseFromArray(message.payload.data(), static_cast<int>(message.payload.size())))
        return Error::fatal(fmt::format("{}/{} holds no record at {}", settings_.topic, message.partition, message.offset));
      if (record_.has_change()) {
        ++census_.changes;
        census_.change_bytes += static_cast<std::int64_t>(message.payload.size());
      }
      intents = 0;
      for_each_verdict(record_, [&](Offset, UnixMillis, const v1::Verdict& verdict) {
        ++intents;
        Kind& kind = kinds_[kind_of(verdict)];
        if (kind.count++ == 0) kind.name = name_of(verdict);
      });
    }
    census_.intents += intents;
    census_.by_append_ms[message.append_time_ms] += intents;
    return {};
  }

  void finish() {
    for (const auto& [number, kind] : kinds_) census_.verdicts[kind.name] = kind.count;
  }

 private:
  struct Kind {
    std::string name;
    std::int64_t count = 0;
  };
  const CensusSettings& settings_;
  Census& census_;
  v1::OrderRecord record_;
  std::map<int, Kind> kinds_;
};

}  // namespace

Result<Census> take_census(const kafka::ClientSettings& client, const CensusSettings& settings) {
  const auto reader = kafka::TopicReader::open(client, {.topic = settings.topic});
  if (!reader) return reader.error();
  Census census;
  Counting counting(settings, census);
  for (int partition = 0; partition < settings.partitions; ++partition) {
    const auto bounds = (*reader)->bounds(partition, kPatience);
    if (!bounds) return bounds.error();
    if (auto started = (*reader)->start_at(partition, bounds->low); !started) return started.error();
    for (bool ended = false; !ended;) {
      const auto batch = (*reader)->poll(kMessagesMax, kPatience, std::chrono::milliseconds{0});
      if (!batch) return batch.error();
      if (batch->messages.empty() && batch->ends.empty())
        return Error::fatal(fmt::format("the end of {}/{} was not reached", settings.topic, partition));
      for (const kafka::Message& message : batch->messages) {
        if (auto taken = counting.take(message); !taken) return taken.error();
      }
      for (const kafka::PartitionEnd& end : batch->ends) ended = ended || end.offset >= bounds->high;
    }
    (*reader)->stop(partition);
  }
  counting.finish();
  return census;
}

std::string json_of(const Census& census) {
  std::string verdicts;
  for (const auto& [name, count] : census.verdicts)
    verdicts += fmt::format("{}\"{}\": {}", verdicts.empty() ? "" : ", ", name, count);
  std::string curve;
  std::int64_t ruled = 0;
  std::int64_t told = -1;
  for (const auto& [millis, intents] : census.by_append_ms) {
    ruled += intents;
    const std::int64_t step = ruled * kCurveSteps / std::max<std::int64_t>(census.intents, 1);
    if (step == told) continue;
    told = step;
    curve += fmt::format("{}[{}, {}]", curve.empty() ? "" : ", ", millis - census.by_append_ms.begin()->first, ruled);
  }
  return fmt::format(
      "{{\"records\": {}, \"record_bytes\": {}, \"changes\": {}, \"change_bytes\": {}, \"intents\": {}, \"verdicts\": {{{}}}, "
      "\"curve\": [{}]}}",
      census.records, census.record_bytes, census.changes, census.change_bytes, census.intents, verdicts, curve);
}

}  // namespace sluice::bench
