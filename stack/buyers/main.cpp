#include <csignal>
#include <cstdio>

#include "runtime/clock.h"
#include "stack/buyers/command_line.h"
#include "stack/buyers/crowd.h"

int main(int argc, char** argv) {
  auto [crowd, exit_code] = sluice::read_buyers_command_line(SLUICE_VERSION, argc, argv);
  if (exit_code) return *exit_code;
  std::signal(SIGPIPE, SIG_IGN);
  if (crowd.plan.opens_at == 0) crowd.plan.opens_at = sluice::unix_millis();
  crowd.rush.opens_at = crowd.plan.opens_at;
  const sluice::Result<std::int64_t> given_up = sluice::run_crowd(crowd);
  if (!given_up) {
    std::fprintf(stderr, "sluice-buyers: %s\n", given_up.error().message.c_str());
    return 2;
  }
  return given_up.value() == 0 ? 0 : 1;
}
