// Adapter (MySQL Connector/C++ 1.1): the tables of schemas/mysql, in MySQL or MariaDB.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "schemas/ids.h"
#include "sink/sink_database.h"

namespace sql {
class SQLException;
}

namespace sluice {

struct MysqlSettings {
  std::string host = "127.0.0.1";
  std::uint16_t port = 3306;
  std::string user = "sluice";
  std::string password_file;
  std::string database = "sluice";
  std::int32_t connect_timeout_seconds = 5;
  std::int32_t statement_timeout_seconds = 30;  // also for a lock that another sink holds
};

// One connection, made when it is needed and dropped with the transaction after every error: a new one is asked where things
// stand, and nothing of the old one is trusted. For one thread.
class MysqlDatabase final : public SinkDatabase {
 public:
  // Connects to nothing yet.
  MysqlDatabase(const MysqlSettings& settings, std::string password, Generation generation, int partition_count);
  ~MysqlDatabase() override;
  MysqlDatabase(const MysqlDatabase&) = delete;
  MysqlDatabase& operator=(const MysqlDatabase&) = delete;

  Result<StoredPosition> position_of(Partition partition) override;
  Result<std::vector<SaleRow>> sales_of(Partition partition) override;
  Result<void> begin(Partition partition, const StoredPosition& from, const StoredPosition& to) override;
  Result<std::optional<RowRefusal>> upsert(const TableRows& rows) override;
  Result<void> commit() override;
  void rollback() override;

 private:
  class Session;

  Result<void> connect();
  Result<void> check_tables(Session& session) const;
  Error error_of(const sql::SQLException& thrown);

  const MysqlSettings settings_;
  const std::string password_;
  const Generation generation_;
  const int partition_count_;
  std::unique_ptr<Session> session_;
};

}  // namespace sluice
