// Adapter (Linux): a program as a child of the test; it ends when the test does, however that ends.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace sluice {

// A loopback port that nobody listens on now.
int free_port();

class ChildProcess {
 public:
  // `words`: the program, by path or found as the shell does, and its arguments. What it prints is appended to `log`.
  ChildProcess(const std::vector<std::string>& words, const std::string& log);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void kill();    // -9
  void pause();   // SIGSTOP
  void resume();  // SIGCONT

  // Whether it has ended by itself. Its exit code is kept for wait_for_end().
  bool has_ended();

  // Asks it to stop, if `ask`, and waits for its end. Its exit code; 128 + the signal if one ended it.
  int wait_for_end(bool ask);

 private:
  pid_t pid_ = -1;
  std::optional<int> code_;  // it has ended
};

}  // namespace sluice
