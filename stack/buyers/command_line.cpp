#include "stack/buyers/command_line.h"

#include <CLI/CLI.hpp>

namespace sluice {
namespace {

constexpr int kWrongUse = 2;

}  // namespace

BuyersCommandLine read_buyers_command_line(UnixMillis now, int argc, const char* const* argv) {
  BuyersCommandLine line;
  CrowdSettings& crowd = line.crowd;
  double seconds = 2;
  double return_at = 0;
  double return_seconds = 6;
  CLI::App app("Sends a crowd of buyers through the front and waits until each knows its verdict.", "sluice-buyers");
  app.add_option("--front", crowd.front, "where nginx listens")->capture_default_str();
  app.add_option("--tokens", crowd.tokens_path, "file with one JWT a line, one a buyer")->required();
  app.add_option("--journal", crowd.journal_path, "file to append what was asked and told to")->required();
  app.add_option("--buyers", crowd.plan.buyers, "how many")->required()->check(CLI::Range(1, 1'000'000));
  app.add_option("--skus", crowd.plan.skus, "what they want, separated by commas")->required()->delimiter(',');
  app.add_option("--limit-per-user", crowd.plan.limit_per_user, "of the sale: some ask for one more")
      ->capture_default_str()
      ->check(CLI::Range(1, 999));
  app.add_option("--seconds", seconds, "over which they come")->capture_default_str()->check(CLI::Range(0.001, 3600.0));
  app.add_option("--seed", crowd.plan.seed, "the same seed gives the same clicks")->capture_default_str();
  app.add_option("--opens-at", crowd.plan.opens_at, "first arrival in Unix milliseconds; 0: now")->capture_default_str();
  app.add_flag("--go-on", crowd.plan.goes_on, "who gets an order pays it, cancels it or walks away")->capture_default_str();
  app.add_option("--return-at", return_at, "seconds after the opening: half of those who got nothing try again; 0: never")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 3600.0));
  app.add_option("--return-seconds", return_seconds, "over which they do")
      ->capture_default_str()
      ->check(CLI::Range(0.001, 3600.0));
  app.add_option("--connections", crowd.rush.connections, "at most, kept alive")
      ->capture_default_str()
      ->check(CLI::Range(1, 16384));
  app.set_version_flag("--version", SLUICE_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    line.exit_code = app.exit(error) == 0 ? 0 : kWrongUse;
  }
  if (crowd.plan.opens_at == 0) crowd.plan.opens_at = now;
  crowd.plan.spread_ms = static_cast<std::int64_t>(seconds * 1000);
  crowd.plan.return_at_ms = static_cast<std::int64_t>(return_at * 1000);
  crowd.plan.return_spread_ms = static_cast<std::int64_t>(return_seconds * 1000);
  crowd.rush.opens_at = crowd.plan.opens_at;
  return line;
}

}  // namespace sluice
