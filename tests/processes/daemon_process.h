// Shell: one of sluice's daemons as a child of the test, with its settings, its log and its admin port.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/processes/child_process.h"
#include "tests/runtime/temporary_file.h"

namespace sluice {

class DaemonProcess {
 public:
  // `program`: its path. `settings`: YAML without the section admin, which is added. Not started yet.
  DaemonProcess(std::string program, const std::string& settings);
  ~DaemonProcess();
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  // Also again, after its end. The log goes on.
  void start();
  ChildProcess& process() { return *process_; }

  int admin_port() const { return admin_port_; }
  const std::string& settings_path() const { return settings_->path(); }

  // All that it has printed.
  std::string said() const;
  // Whether it comes to say so; false as soon as it has ended without it.
  bool comes_to_say(const std::string& text);
  // Whether GET /readyz comes to have this status; false as soon as it has ended without it.
  bool comes_to_answer(const std::string& status);

  // SIGTERM. Its exit code.
  int stop() { return process_->wait_for_end(/*ask=*/true); }
  // The exit code, when it ends by itself.
  int wait_for_end() { return process_->wait_for_end(/*ask=*/false); }

 private:
  template <typename Condition>
  bool comes_true_while_it_runs(Condition condition);

  std::string program_;
  int admin_port_;
  std::unique_ptr<TemporaryFile> settings_;
  std::string log_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace sluice
