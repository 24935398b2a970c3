#include "tests/processes/daemon_process.h"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "tests/processes/http_status.h"
#include "tests/runtime/comes_true.h"

namespace sluice {

DaemonProcess::DaemonProcess(std::string program, const std::string& settings)
    : program_(std::move(program)),
      admin_port_(free_port()),
      settings_(std::make_unique<TemporaryFile>(fmt::format("{}\nadmin: {{port: {}}}\n", settings, admin_port_))),
      log_(settings_->path() + ".log") {}

DaemonProcess::~DaemonProcess() {
  process_.reset();
  std::remove(log_.c_str());
}

void DaemonProcess::start() {
  process_ = std::make_unique<ChildProcess>(std::vector<std::string>{program_, "--config", settings_->path()}, log_);
}

std::string DaemonProcess::said() const {
  std::ifstream file(log_);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

template <typename Condition>
bool DaemonProcess::comes_true_while_it_runs(Condition condition) {
  bool holds = false;
  (void)comes_true([&] {
    const bool ended = process_->has_ended();  // asked first: what it did before its end counts
    holds = condition();
    return holds || ended;
  });
  return holds;
}

bool DaemonProcess::comes_to_say(const std::string& text) {
  return comes_true_while_it_runs([&] { return said().find(text) != std::string::npos; });
}

bool DaemonProcess::comes_to_answer(const std::string& status) {
  return comes_true_while_it_runs([&] { return http_status(admin_port_, "/readyz") == status; });
}

}  // namespace sluice
