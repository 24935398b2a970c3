// The simulation: worlds from seeds, until so many intents have been decided, each compared with the oracle.
//
//   sluice_simulation [--intents=100000] [--from=1]    many worlds
//   sluice_simulation --seed=N                         one of them again
#include <fmt/format.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "tests/simulation/tables.h"
#include "tests/simulation/world.h"

namespace {

using sluice::simulation::Violation;
using sluice::simulation::World;
using sluice::simulation::WorldReport;

// A failed CHECK aborts: the seed must be said all the same.
char replay_line[512];

void say_replay_line(int) {
  std::fputs(replay_line, stderr);
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

std::int64_t number_after(std::string_view flag, int argc, char** argv, std::int64_t otherwise) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]).starts_with(flag)) return std::strtoll(argv[i] + flag.size(), nullptr, 10);
  }
  return otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t seed_wanted = number_after("--seed=", argc, argv, 0);
  const std::int64_t intents_wanted = number_after("--intents=", argc, argv, 100'000);
  std::int64_t seed = seed_wanted != 0 ? seed_wanted : number_after("--from=", argc, argv, 1);
  std::signal(SIGABRT, say_replay_line);

  WorldReport all{.worlds = 0};
  for (; all.intents < intents_wanted; ++seed) {
    std::snprintf(replay_line, sizeof replay_line, "replay it with: %s --seed=%lld\n", argv[0], static_cast<long long>(seed));
    try {
      all.add(World({.seed = static_cast<std::uint64_t>(seed)}).run());
    } catch (const Violation& violation) {
      fmt::print(stderr, "seed {}: {}; {}", seed, violation.what(), replay_line);
      return 1;
    }
    if (seed_wanted != 0) break;
  }
  sluice::simulation::print(all);
  const std::string missing = seed_wanted != 0 || all.intents < 100'000 ? "" : sluice::simulation::what_never_happened(all);
  if (missing.empty()) return 0;
  fmt::print(stderr, "the simulation has become too tame: {}\n", missing);
  return 1;
}
