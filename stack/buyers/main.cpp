#include <csignal>
#include <cstdio>

#include "runtime/clock.h"
#include "stack/buyers/command_line.h"

int main(int argc, char** argv) {
  const sluice::BuyersCommandLine line = sluice::read_buyers_command_line(sluice::unix_millis(), argc, argv);
  if (line.exit_code) return *line.exit_code;
  std::signal(SIGPIPE, SIG_IGN);  // a lost connection is an answer like another
  const sluice::Result<std::int64_t> given_up = sluice::run_crowd(line.crowd);
  if (!given_up) {
    std::fprintf(stderr, "sluice-buyers: %s\n", given_up.error().message.c_str());
    return 2;
  }
  return given_up.value() == 0 ? 0 : 1;
}
