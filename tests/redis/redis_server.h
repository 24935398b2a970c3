// Shell: a real redis-server as a child of the test, on a free loopback port with a folder of its own; ended with the test.
#pragma once

#include <memory>
#include <string>

#include "tests/processes/child_process.h"
#include "tests/runtime/temporary_folder.h"

namespace sluice {

class RedisServer {
 public:
  // Starts it and returns when it accepts connections. Throws std::runtime_error, in a sentence, if it cannot (no redis-server
  // installed, say), which fails the test. An empty password asks for none.
  explicit RedisServer(std::string password = {});
  ~RedisServer() = default;
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  int port() const { return port_; }

  // kill -9: what it held in memory is lost.
  void kill();
  // Starts it again after `kill`, empty, on the same port.
  void start();
  // SIGSTOP: the port still accepts, nothing answers; `resume` lets it go on.
  void pause();
  void resume();

 private:
  bool try_start();

  std::string password_;
  TemporaryFolder folder_;  // before the process, which ends first
  int port_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace sluice
