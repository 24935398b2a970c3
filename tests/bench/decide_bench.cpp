// Shell: what one decision costs, and what one held order takes of memory: crowds through the pure core, without Kafka and
// without a store. CPU time of this thread, so that a busy machine does not matter much.
#include <fmt/core.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "runtime/check.h"
#include "schemas/intent_format.h"
#include "tests/bench/decision_stages.h"

namespace sluice::bench {
namespace {

constexpr std::size_t kPiece = 2'000;  // as a lane does
constexpr UnixMillis kStart = 1'700'000'000'000;
constexpr std::uint32_t kHoldSeconds = 1200;
constexpr double kNanosPerMilli = 1e6;

std::int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t pages = 0;
  file >> pages >> pages;
  return pages * 4096;
}

std::string sale(const std::string& sku, std::uint32_t stock) {
  v1::Intent intent;
  intent.set_magic(kIntentMagic);
  v1::DefineSale& define = *intent.mutable_define_sale();
  define.set_sku(sku);
  define.set_sale_id("spike");
  define.set_version(1);
  define.set_title("a mask");
  define.set_price_minor(1999);
  define.set_currency("EUR");
  define.set_limit_per_user(1);
  define.set_hold_seconds(kHoldSeconds);
  define.set_late_payment(v1::LATE_PAYMENT_REFUND);
  v1::Slot& slot = *define.add_slots();
  slot.set_closes_ms(2 * kStart);
  slot.set_quantity(stock);
  return intent.SerializeAsString();
}

// Purchases of one unit each by distinct users, as the usual client asks: a UUID as the request key.
std::vector<std::string> crowd(const std::vector<std::string>& skus, int purchases) {
  std::vector<std::string> intents;
  v1::Intent intent;
  intent.set_magic(kIntentMagic);
  v1::Purchase& purchase = *intent.mutable_purchase();
  purchase.set_quantity(1);
  for (int i = 0; i < purchases; ++i) {
    purchase.set_sku(skus[static_cast<std::size_t>(i) % skus.size()]);
    purchase.set_user(fmt::format("user-{:08}", i));
    purchase.set_request_key(fmt::format("00000000-0000-4000-8000-{:012}", i));
    intents.push_back(intent.SerializeAsString());
  }
  return intents;
}

class Bench {
 public:
  Bench(const std::vector<std::string>& skus, std::uint32_t stock) : ledger_({{0}, {1}, 1}) {
    std::vector<std::string> sales;
    for (const std::string& sku : skus) sales.push_back(sale(sku, stock));
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

void measure(const char* name, const std::vector<std::string>& skus, std::uint32_t stock, int purchases) {
  const std::vector<std::string> intents = crowd(skus, purchases);
  Bench bench(skus, stock);
  const std::span all(intents);
  const std::size_t tenth = all.size() / 10;
  std::int64_t nanos = bench.decide(all.first(tenth));
  const std::int64_t resident = resident_bytes();
  nanos += bench.decide(all.subspan(tenth));
  const double grown = static_cast<double>(resident_bytes() - resident) / static_cast<double>(all.size() - tenth);
  fmt::print("{:10} {:5.0f} ns CPU an intent, {:5.0f} bytes an intent, longest piece {:.1f} ms, digest {:016x}\n", name,
             static_cast<double>(nanos) / static_cast<double>(purchases), grown,
             static_cast<double>(bench.longest()) / kNanosPerMilli, bench.state().digest);
}

}  // namespace
}  // namespace sluice::bench

// decide_bench [PURCHASES] [accepted|many_skus|flood|stages]
int main(int argc, char** argv) {  // NOLINT(bugprone-exception-escape): ends the bench, as it should
  using namespace sluice::bench;   // NOLINT(google-build-using-namespace): this is main
  const int purchases = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
  const std::string only = argc > 2 ? argv[2] : "";
  std::vector<std::string> many;
  for (int i = 0; i < 8; ++i) many.push_back(fmt::format("mask-{}", i));
  const auto wanted = [&only](const char* name) { return only.empty() || only == name; };
  if (wanted("accepted")) measure("accepted", {"mask-1"}, static_cast<std::uint32_t>(purchases), purchases);
  if (wanted("many_skus")) measure("many_skus", many, static_cast<std::uint32_t>(purchases), purchases);
  if (wanted("flood")) measure("flood", {"mask-1"}, 1'000, purchases);
  if (wanted("stages")) {
    fmt::print("stages of an accepted purchase, each by itself\n");
    print_stages(crowd({"mask-1"}, purchases));
  }
  return 0;
}
