// Shell: how fast one lane is beside the bare loop over the same client with the same settings: each round drains a partition
// of its own twice, in turn first by the one and first by the other. Run by tests/bench/run.py.
#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/bench/drain.h"
#include "tests/bench/preload.h"

namespace sluice::bench {
namespace {

constexpr int kPartitions = 8;
constexpr int kRoundsMax = kPartitions - 1;  // partition 0 warms up
constexpr int kWarmUpPurchases = 100'000;
constexpr double kNanosPerMicro = 1e3;
constexpr double kMicrosPerSecond = 1e6;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// By itself in its partition, and each gets one.
Crowd crowd_in(int partition, int purchases) {
  return {.partition_count = kPartitions, .only = Partition{partition}, .stock = purchases, .buyers = purchases};
}

struct Round {
  Drained bare;
  Drained lane;
  double intents = 0;
};

void print(const char* name, const Drained& drained, double intents) {
  fmt::print(
      "  {:5} {:8.0f} intents/s  {:5.2f} us CPU an intent ({:.2f} in the loop's thread)  {:.0f} intents, {:.0f} bytes a "
      "transaction\n",
      name, intents / drained.seconds, drained.cpu_seconds * kMicrosPerSecond / intents,
      drained.loop_cpu_seconds * kMicrosPerSecond / intents, intents / static_cast<double>(drained.times.transactions),
      static_cast<double>(drained.times.record_bytes) / static_cast<double>(drained.times.transactions));
  double rest = drained.seconds * kMicrosPerSecond / intents;
  const bool waits = drained.times.nanos[static_cast<std::size_t>(Step::kWait)] > 0;
  const std::size_t beside_from = waits ? kBesideFrom : kStepNames.size();
  fmt::print("        us an intent:");
  for (std::size_t i = 0; i < kStepNames.size(); ++i) {
    const double micros = static_cast<double>(drained.times.nanos[i]) / kNanosPerMicro / intents;
    if (i < beside_from) rest -= micros;
    fmt::print(" {} {:.2f}", kStepNames[i], micros);
  }
  fmt::print(" rest (decide) {:.2f}\n", rest);
  std::fflush(stdout);
}

Result<Round> run_round(DrainSettings settings, const Crowd& crowd, const std::filesystem::path& directory, bool lane_first,
                        std::int64_t record_bytes) {
  settings.partition = *crowd.only;
  settings.intents = crowd.buyers + 1;
  settings.sku = skus_of(crowd).front().name;
  if (auto loaded = preload(settings.client, crowd); !loaded) return loaded.error();
  Round round{.bare = {}, .lane = {}, .intents = static_cast<double>(settings.intents)};
  for (const bool lane : {lane_first, !lane_first}) {
    auto drained = lane ? drain_with_lane(settings, directory) : drain_bare(settings, record_bytes);
    if (!drained) return drained.error();
    (lane ? round.lane : round.bare) = *drained;
    if (lane) record_bytes = drained->times.record_bytes / drained->times.records;
  }
  return round;
}

Result<void> run(const std::string& brokers, const std::filesystem::path& directory, int purchases, int rounds) {
  DrainSettings settings{.client = {brokers, "spike"}, .partition = {0}, .partition_count = kPartitions, .sku = {}};
  if (auto made = make_topics(settings.client, kPartitions); !made) return made;
  auto warm_up = run_round(settings, crowd_in(0, std::min(purchases, kWarmUpPurchases)), directory, true, 0);
  if (!warm_up) return warm_up.error();
  const std::int64_t record_bytes = warm_up->lane.times.record_bytes / warm_up->lane.times.records;
  fmt::print("{} purchases by as many users, all accepted; {} bytes a record; one partition, one lane, batches of up to {}\n",
             purchases, record_bytes, settings.batch_intents_max);
  std::vector<double> bare_rates;
  std::vector<double> lane_rates;
  std::vector<double> ratios;
  for (int i = 1; i <= rounds; ++i) {
    const auto round = run_round(settings, crowd_in(i, purchases), directory, i % 2 == 0, record_bytes);
    if (!round) return round.error();
    fmt::print("round {}\n", i);
    print("bare", round->bare, round->intents);
    print("lane", round->lane, round->intents);
    bare_rates.push_back(round->intents / round->bare.seconds);
    lane_rates.push_back(round->intents / round->lane.seconds);
    ratios.push_back(round->bare.seconds / round->lane.seconds);
  }
  fmt::print("median: bare {:.0f}/s, lane {:.0f}/s, ratio {:.2f} ({:.2f}..{:.2f})\n", median(bare_rates), median(lane_rates),
             median(ratios), *std::min_element(ratios.begin(), ratios.end()), *std::max_element(ratios.begin(), ratios.end()));
  return {};
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {  // NOLINT(bugprone-exception-escape): ends the bench, as it should
  if (argc != 5) {
    fmt::print(stderr, "usage: spike BROKERS DIRECTORY PURCHASES ROUNDS\n");
    return 2;
  }
  const int rounds = std::clamp(std::atoi(argv[4]), 1, sluice::bench::kRoundsMax);
  const auto done = sluice::bench::run(argv[1], argv[2], std::atoi(argv[3]), rounds);
  if (done) return 0;
  fmt::print(stderr, "spike: {}\n", done.error().message);
  return 1;
}
