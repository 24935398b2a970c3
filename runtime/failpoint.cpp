#include "runtime/failpoint.h"

#ifdef SLUICE_FAILPOINTS

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

namespace sluice {
namespace {

struct Action {
  std::string_view name;
  int signal;  // 0: the thread hangs
};
constexpr Action kActions[] = {{"kill", SIGKILL}, {"stop", SIGSTOP}, {"abort", SIGABRT}, {"hang", 0}};

struct Armed {
  std::string step;
  const Action* action = nullptr;
  int passings_left = 0;
};

[[noreturn]] void refuse(std::string_view text) {
  const std::string line = fmt::format("SLUICE_FAILPOINTS: '{}' is not <step>=<kill|stop|abort|hang>@<passing>\n", text);
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
  std::abort();
}

Armed armed_from(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::size_t at = text.find('@');
  if (equals == 0 || equals >= at || at == std::string_view::npos) refuse(text);
  Armed armed{.step = std::string(text.substr(0, equals))};
  const std::string_view action = text.substr(equals + 1, at - equals - 1);
  for (const Action& known : kActions) {
    if (known.name == action) armed.action = &known;
  }
  const std::string_view passing = text.substr(at + 1);
  const auto [end, error] = std::from_chars(passing.data(), passing.data() + passing.size(), armed.passings_left);
  if (armed.action == nullptr || error != std::errc() || end != passing.data() + passing.size() || armed.passings_left < 1)
    refuse(text);
  return armed;
}

class Failpoints {
 public:
  Failpoints() {
    const char* variable = std::getenv("SLUICE_FAILPOINTS");
    std::string_view rest = variable == nullptr ? "" : variable;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      armed_.push_back(armed_from(rest.substr(0, comma)));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }

  void pass(std::string_view step) {
    if (armed_.empty()) return;  // never changes after the start, so no lock is needed
    std::unique_lock lock(mutex_);
    for (Armed& armed : armed_) {
      if (armed.step != step || armed.passings_left == 0 || --armed.passings_left > 0) continue;
      const std::string line = fmt::format("failpoint {}: {}\n", step, armed.action->name);
      [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
      if (armed.action->signal == SIGABRT) std::abort();  // in this thread, as a failed assertion does
      if (armed.action->signal != 0) {
        ::kill(::getpid(), armed.action->signal);
        continue;
      }
      lock.unlock();  // the other threads go on
      while (true) ::pause();
    }
  }

 private:
  std::vector<Armed> armed_;
  std::mutex mutex_;
};

}  // namespace

void pass_failpoint(std::string_view step) {
  static Failpoints failpoints;
  failpoints.pass(step);
}

}  // namespace sluice

#endif
