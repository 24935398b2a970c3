#include "tests/sink/test_database.h"

#include <cppconn/connection.h>
#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "runtime/settings.h"

namespace sluice {
namespace {

constexpr const char* kSchema = "schemas/mysql";
constexpr std::string_view kStatementEnd = ";\n";

std::unique_ptr<sql::Connection> connect(const MysqlSettings& server) {
  sql::ConnectOptionsMap options;
  options["hostName"] = sql::SQLString(fmt::format("tcp://{}:{}", server.host, server.port));
  options["userName"] = sql::SQLString(server.user);
  options["password"] = sql::SQLString(read_secret_file(server.password_file).value());
  options["OPT_CONNECT_TIMEOUT"] = 1;
  return std::unique_ptr<sql::Connection>(get_driver_instance()->connect(options));
}

}  // namespace

bool accepts_connections(const MysqlSettings& server) {
  try {
    return connect(server) != nullptr;
  } catch (const sql::SQLException&) {
    return false;
  }
}

TestDatabase::TestDatabase(const MysqlSettings& server) : settings_(server), connection_(connect(server)) {
  static int count = 0;
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  settings_.database = fmt::format("sluice_sink_test_{}_{}", now, ++count);
  run("CREATE DATABASE " + settings_.database);
  run("USE " + settings_.database);
  run("SET NAMES utf8mb4");
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(kSchema)) files.insert(entry.path());
  for (const std::string& file : files) apply(file);
}

TestDatabase::~TestDatabase() {
  try {
    run("DROP DATABASE " + settings_.database);
  } catch (const sql::SQLException&) {
    connection_.reset();  // its server is gone, and its folder with it
  }
}

std::string TestDatabase::password() const { return read_secret_file(settings_.password_file).value(); }

void TestDatabase::run(const std::string& sql) {
  const std::unique_ptr<sql::Statement> statement(connection_->createStatement());
  statement->execute(sql);
}

void TestDatabase::apply(const std::string& path) {
  std::ifstream file(path);
  std::string schema{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  while (schema.find(kStatementEnd) != std::string::npos) {
    run(schema.substr(0, schema.find(kStatementEnd)));
    schema.erase(0, schema.find(kStatementEnd) + kStatementEnd.size());
  }
}

std::vector<std::string> TestDatabase::rows(const std::string& sql) {
  const std::unique_ptr<sql::Statement> statement(connection_->createStatement());
  const std::unique_ptr<sql::ResultSet> result(statement->executeQuery(sql));
  std::vector<std::string> rows;
  while (result->next()) {
    std::string& row = rows.emplace_back();
    for (unsigned column = 1; column <= result->getMetaData()->getColumnCount(); ++column) {
      row += column > 1 ? "|" : "";
      row += result->isNull(column) ? "NULL" : result->getString(column).asStdString();
    }
  }
  return rows;
}

TestDatabase::Content TestDatabase::content() {
  Content content;
  run("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  run("START TRANSACTION WITH CONSISTENT SNAPSHOT");
  const std::unique_ptr<sql::Statement> statement(connection_->createStatement());
  const std::unique_ptr<sql::ResultSet> positions(statement->executeQuery("SELECT * FROM positions"));
  while (positions->next()) {
    content.positions[{positions->getInt("partition")}] = {.next = positions->getInt64("next_offset"),
                                                           .digest = positions->getUInt64("digest"),
                                                           .orders_offset = positions->getInt64("orders_offset")};
  }
  for (const auto& [table, select] : table_selects()) {
    content.tables[table] = rows(select);
    std::ranges::sort(content.tables[table]);
  }
  run("COMMIT");
  return content;
}

void TestDatabase::reconnect() {
  connection_ = connect(settings_);
  run("USE " + settings_.database);
  run("SET NAMES utf8mb4");
}

}  // namespace sluice
