// The simulation: worlds from seeds, until so many intents have been decided, each compared with the oracle.
//
//   sluice_simulation [--intents=100000] [--from=1]    many worlds
//   sluice_simulation --seed=N                         one of them again
//   sluice_simulation ... --json                       what happened and must happen, for a campaign that adds pieces up
//
// One percent of the seeds run twice, with equal digests. Exit 1 and one line if a promise was broken.
#include <fmt/format.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

#include "tests/simulation/tables.h"
#include "tests/simulation/world.h"

namespace {

using sluice::simulation::WorldReport;

// A failed CHECK aborts: the seed must be said all the same.
char replay_line[512];

void say_replay_line(int signal) {
  std::fputs(replay_line, stderr);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

std::int64_t number_after(std::string_view flag, int argc, char** argv, std::int64_t otherwise) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]).starts_with(flag)) return std::strtoll(argv[i] + flag.size(), nullptr, 10);
  }
  return otherwise;
}

bool has(std::string_view flag, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (argv[i] == flag) return true;
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t seed_wanted = number_after("--seed=", argc, argv, 0);
  const std::int64_t intents_wanted = number_after("--intents=", argc, argv, 100'000);
  std::int64_t seed = seed_wanted != 0 ? seed_wanted : number_after("--from=", argc, argv, 1);
  for (const int signal : {SIGABRT, SIGSEGV}) std::signal(signal, say_replay_line);

  WorldReport all{.worlds = 0};
  for (; all.intents < intents_wanted; ++seed) {
    std::snprintf(replay_line, sizeof replay_line, "replay it with: %s --seed=%lld\n", argv[0], static_cast<long long>(seed));
    try {
      all.add(sluice::simulation::run_world({.seed = static_cast<std::uint64_t>(seed)}));
    } catch (const std::exception& broken) {  // also what the ledger throws over an impossible state
      fmt::print(stderr, "{}; seed {}; {}", broken.what(), seed, replay_line);
      return 1;
    }
    if (seed_wanted != 0) break;
  }
  if (has("--json", argc, argv)) {
    sluice::simulation::print_json(all, seed - 1);
    return 0;
  }
  sluice::simulation::print(all);
  const bool few = seed_wanted != 0 || all.intents < 100'000;
  const std::string missing = few ? "" : sluice::simulation::what_never_happened(all);
  if (missing.empty()) return 0;
  fmt::print(stderr, "the simulation has become too tame: {}\n", missing);
  return 1;
}
