// Shell: MySQL servers for the tests: the one that `make test` gives, or one of the test's own that can be killed.
#pragma once

#include <memory>
#include <string>

#include "sink/mysql_database.h"
#include "tests/processes/child_process.h"
#include "tests/runtime/temporary_folder.h"

namespace sluice {

// The server of SLUICE_TEST_MYSQL, without a database. Throws std::runtime_error with the way to run the test if none is given.
MysqlSettings given_mysql_server();

// mariadbd as a child of the test, on a free loopback port with a folder of its own; ended with the test.
class MysqlServer {
 public:
  // Returns when it accepts connections. Throws std::runtime_error, in a sentence, if it cannot.
  MysqlServer();
  ~MysqlServer() = default;
  MysqlServer(const MysqlServer&) = delete;
  MysqlServer& operator=(const MysqlServer&) = delete;

  // Without a database.
  MysqlSettings settings() const;

  // kill -9; what was committed is there after start().
  void kill();
  // On the same port. Returns when it accepts connections.
  void start();

 private:
  // The path of a file in the folder.
  std::string in(const char* name) const;

  TemporaryFolder folder_;  // before the process, which ends first
  int port_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace sluice
