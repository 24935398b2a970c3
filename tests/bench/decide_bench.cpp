// Shell: what one decision costs, and what one held order takes of memory: crowds through the pure core, without Kafka and
// without a store. CPU time of this thread, so that a busy machine does not matter much.
#include <fmt/core.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "runtime/check.h"
#include "tests/bench/crowd.h"
#include "tests/bench/decision_stages.h"

namespace sluice::bench {
namespace {

constexpr std::size_t kPiece = 2'000;  // as a lane does
constexpr UnixMillis kStart = 1'700'000'000'000;
constexpr double kNanosPerMilli = 1e6;

std::int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t pages = 0;
  file >> pages >> pages;
  return pages * 4096;
}

std::vector<std::string> purchases_of(const Crowd& crowd) {
  std::vector<std::string> intents;
  Buyers buyers(crowd);
  for (std::int64_t i = 0; i < crowd.buyers; ++i) intents.push_back(buyers.wish_of(i).intent.SerializeAsString());
  return intents;
}

class Bench {
 public:
  explicit Bench(const Crowd& crowd) : ledger_({{0}, {1}, 1}) {
    std::vector<std::string> sales;
    for (const Sku& sku : skus_of(crowd)) sales.push_back(sale_of(sku, crowd, kStart).SerializeAsString());
    decide(sales);
    longest_ = 0;
  }

  // Returns the CPU nanoseconds that deciding took; the records and rows are dropped at once, as a lane would.
  std::int64_t decide(std::span<const std::string> intents) {
    std::int64_t nanos = 0;
    while (!intents.empty()) {
      const auto piece = intents.first(std::min(intents.size(), kPiece));
      std::vector<IntentMessage> messages;
      for (const std::string& bytes : piece) {
        const Offset offset = ledger_.state().next + static_cast<Offset>(messages.size());
        messages.push_back({offset, kStart + offset / 200, bytes});
      }
      const std::int64_t begun = cpu_nanos();
      {
        WorkingSet rows;
        const auto batch = ledger_.decide(messages, rows, /*view_wanted=*/false);
        CHECK(batch.ok() && batch->decided == static_cast<int>(piece.size()));
      }
      const std::int64_t took = cpu_nanos() - begun;
      nanos += took;
      longest_ = std::max(longest_, took);
      intents = intents.subspan(piece.size());
    }
    return nanos;
  }

  const LedgerState& state() const { return ledger_.state(); }
  std::int64_t longest() const { return longest_; }  // of the pieces

 private:
  Ledger ledger_;
  std::int64_t longest_ = 0;
};

void measure(const char* name, const Crowd& crowd) {
  const std::vector<std::string> intents = purchases_of(crowd);
  Bench bench(crowd);
  const std::span all(intents);
  const std::size_t tenth = all.size() / 10;
  std::int64_t nanos = bench.decide(all.first(tenth));
  const std::int64_t resident = resident_bytes();
  nanos += bench.decide(all.subspan(tenth));
  const double grown = static_cast<double>(resident_bytes() - resident) / static_cast<double>(all.size() - tenth);
  fmt::print("{:10} {:5.0f} ns CPU an intent, {:5.0f} bytes an intent, longest piece {:.1f} ms, digest {:016x}\n", name,
             static_cast<double>(nanos) / static_cast<double>(crowd.buyers), grown,
             static_cast<double>(bench.longest()) / kNanosPerMilli, bench.state().digest);
}

}  // namespace
}  // namespace sluice::bench

// decide_bench [PURCHASES] [accepted|many_skus|flood|stages]
int main(int argc, char** argv) {  // NOLINT(bugprone-exception-escape): ends the bench, as it should
  using namespace sluice::bench;   // NOLINT(google-build-using-namespace): this is main
  const int purchases = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
  const std::string only = argc > 2 ? argv[2] : "";
  const auto wanted = [&only](const char* name) { return only.empty() || only == name; };
  if (wanted("accepted")) measure("accepted", {.stock = purchases, .buyers = purchases});
  if (wanted("many_skus")) measure("many_skus", {.skus = 8, .stock = purchases, .buyers = purchases});
  if (wanted("flood")) measure("flood", {.stock = 1'000, .buyers = purchases});
  if (wanted("stages")) {
    fmt::print("stages of an accepted purchase, each by itself\n");
    print_stages(purchases_of({.stock = purchases, .buyers = purchases}));
  }
  return 0;
}
