#include "stack/buyers/crowd.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "runtime/clock.h"
#include "stack/buyers/answer.h"

namespace sluice {
namespace {

constexpr std::int64_t kProgressEveryMs = 200;

void print_progress(Tally& tally, UnixMillis now, bool final) {
  std::puts(tally.json(now, final).c_str());
  std::fflush(stdout);
}

}  // namespace

Result<std::vector<Buyer>> read_buyers(const std::string& path, int wanted) {
  std::ifstream file(path);
  if (!file) return Error::fatal(fmt::format("tokens {}: cannot be read", path));
  std::vector<Buyer> buyers;
  std::string token;
  while (std::ssize(buyers) < wanted && std::getline(file, token)) {
    std::optional<std::string> subject = subject_of(token);
    if (!subject) return Error::fatal(fmt::format("tokens {}: line {} is no JWT with a subject", path, buyers.size() + 1));
    buyers.push_back({std::move(*subject), token});
  }
  if (std::ssize(buyers) < wanted) {
    return Error::fatal(fmt::format("tokens {}: has {} tokens for {} buyers", path, buyers.size(), wanted));
  }
  return buyers;
}

Result<std::int64_t> run_crowd(const CrowdSettings& settings) {
  const Result<std::vector<Buyer>> buyers = read_buyers(settings.tokens_path, settings.plan.buyers);
  if (!buyers) return buyers.error();
  const Result<std::unique_ptr<Journal>> journal = Journal::open(settings.journal_path);
  if (!journal) return journal.error();
  const Result<std::unique_ptr<HttpPool>> pool = HttpPool::open(settings.front, settings.rush.connections);
  if (!pool) return pool.error();
  const std::vector<Click> clicks = plan_clicks(settings.plan);
  Tally tally(settings.plan.buyers);
  const CheckoutSettings after{.connections = std::max(1, settings.rush.connections / 4)};
  Checkout checkout(after, *pool.value(), *journal.value(), tally);
  Rush rush(clicks, buyers.value(), settings.rush, *pool.value(), *journal.value(), checkout, tally);
  UnixMillis reported = 0;
  while (!rush.is_over()) {
    rush.step(std::chrono::milliseconds{kProgressEveryMs});
    if (!journal.value()->state()) return journal.value()->state().error();
    const UnixMillis now = unix_millis();
    if (now - reported < kProgressEveryMs) continue;
    reported = now;
    print_progress(tally, now, false);
  }
  print_progress(tally, unix_millis(), true);
  return tally.given_up();
}

}  // namespace sluice
