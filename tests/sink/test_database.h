// Adapter (MySQL Connector/C++): a database of the test's own, and what is in it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "schemas/ids.h"
#include "sink/mysql_database.h"
#include "sink/sink_database.h"
#include "tests/sink/expected_rows.h"

namespace sql {
class Connection;
}

namespace sluice {

// Whether a client can connect there; waits a second at most.
bool accepts_connections(const MysqlSettings& server);

// With the tables of schemas/mysql; dropped at the end. Throws what the library throws.
class TestDatabase {
 public:
  explicit TestDatabase(const MysqlSettings& server);
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  // Of the server and of this database.
  const MysqlSettings& settings() const { return settings_; }
  std::string password() const;

  void run(const std::string& sql);
  // A file of SQL.
  void apply(const std::string& path);
  // Every row as its values with "|" between them; NULL is "NULL".
  std::vector<std::string> rows(const std::string& sql);

  // Positions and rows at one and the same moment, whatever is written meanwhile.
  struct Content {
    std::map<Partition, StoredPosition> positions;
    TableTexts tables;
  };
  Content content();

  // After the server was killed.
  void reconnect();

 private:
  MysqlSettings settings_;
  std::unique_ptr<sql::Connection> connection_;
};

}  // namespace sluice
