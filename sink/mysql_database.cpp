#include "sink/mysql_database.h"

#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/resultset.h>
#include <cppconn/statement.h>
#include <fmt/format.h>
#include <mysql_connection.h>

#include <iterator>
#include <utility>

#include "runtime/log.h"
#include "sink/mysql_errors.h"

namespace sluice {
namespace {

constexpr std::string_view kColumns =
    "id, sku, sale_id, user, quantity, amount_minor, currency, status, created_ms, deadline_ms, payment_id, version";

// Assigned from left to right, so the version, which all others look at, comes last. VALUES() works on MySQL and on MariaDB; a
// row alias does not.
constexpr std::string_view kIfNewer =
    " ON DUPLICATE KEY UPDATE "
    "sku = IF(VALUES(version) > version, VALUES(sku), sku), "
    "sale_id = IF(VALUES(version) > version, VALUES(sale_id), sale_id), "
    "user = IF(VALUES(version) > version, VALUES(user), user), "
    "quantity = IF(VALUES(version) > version, VALUES(quantity), quantity), "
    "amount_minor = IF(VALUES(version) > version, VALUES(amount_minor), amount_minor), "
    "currency = IF(VALUES(version) > version, VALUES(currency), currency), "
    "status = IF(VALUES(version) > version, VALUES(status), status), "
    "created_ms = IF(VALUES(version) > version, VALUES(created_ms), created_ms), "
    "deadline_ms = IF(VALUES(version) > version, VALUES(deadline_ms), deadline_ms), "
    "payment_id = IF(VALUES(version) > version, VALUES(payment_id), payment_id), "
    "version = GREATEST(version, VALUES(version))";

// Text that does not fit is refused, never cut; and backslashes escape, whatever the server's own default is.
constexpr const char* kSqlMode = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'";
constexpr const char* kIsolation = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

}  // namespace

// A connection with the session settings that the statements rely on. Throws what the library throws.
class MysqlDatabase::Session {
 public:
  Session(const MysqlSettings& settings, const std::string& password) {
    sql::ConnectOptionsMap options;
    options["hostName"] = sql::SQLString(fmt::format("tcp://{}:{}", settings.host, settings.port));
    options["userName"] = sql::SQLString(settings.user);
    options["password"] = sql::SQLString(password);
    options["schema"] = sql::SQLString(settings.database);
    options["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
    options["OPT_CONNECT_TIMEOUT"] = settings.connect_timeout_seconds;
    options["OPT_READ_TIMEOUT"] = settings.statement_timeout_seconds;
    options["OPT_WRITE_TIMEOUT"] = settings.statement_timeout_seconds;
    connection_.reset(get_driver_instance()->connect(options));
    statement_.reset(connection_->createStatement());
    run("SET NAMES utf8mb4");
    run(kSqlMode);
    run(kIsolation);
    run(fmt::format("SET SESSION innodb_lock_wait_timeout = {}", settings.statement_timeout_seconds));
  }

  void run(const std::string& sql) { statement_->execute(sql); }
  // How many rows it changed.
  int update(const std::string& sql) { return statement_->executeUpdate(sql); }
  std::unique_ptr<sql::ResultSet> query(const std::string& sql) {
    return std::unique_ptr<sql::ResultSet>(statement_->executeQuery(sql));
  }

  // As a literal.
  std::string quoted(const std::string& text) {
    return fmt::format("'{}'", static_cast<sql::mysql::MySQL_Connection&>(*connection_).escapeString(text).asStdString());
  }

 private:
  std::unique_ptr<sql::Connection> connection_;
  std::unique_ptr<sql::Statement> statement_;
};

MysqlDatabase::MysqlDatabase(const MysqlSettings& settings, std::string password, Generation generation, int partition_count)
    : settings_(settings), password_(std::move(password)), generation_(generation), partition_count_(partition_count) {}

MysqlDatabase::~MysqlDatabase() = default;

// Also refuses a database that holds the fold of other topics than ours: its positions would mean other intents.
Result<void> MysqlDatabase::connect() {
  if (session_) return {};
  try {
    auto session = std::make_unique<Session>(settings_, password_);
    const auto other =
        session->query(fmt::format("SELECT generation, partitions FROM positions WHERE generation <> {0} OR partitions <> {1} "
                                   "OR `partition` >= {1} LIMIT 1",
                                   generation_.value, partition_count_));
    if (other->next()) {
      return Error::fatal(fmt::format(
          "the database {} holds orders of generation {} with {} partitions, but this sink is set to generation {} with {}: "
          "correct "
          "topics.generation and topics.partitions, or give it an empty database",
          settings_.database, other->getUInt("generation"), other->getUInt("partitions"), generation_.value, partition_count_));
    }
    session_ = std::move(session);
  } catch (const sql::SQLException& thrown) {
    return error_of(thrown);
  }
  log_info("connected to the database {} at {}:{}", settings_.database, settings_.host, settings_.port);
  return {};
}

Result<StoredPosition> MysqlDatabase::position_of(Partition partition) {
  if (auto connected = connect(); !connected) return connected.error();
  try {
    session_->update(
        fmt::format("INSERT IGNORE INTO positions (`partition`, generation, partitions, next_offset, digest, orders_offset) "
                    "VALUES ({}, {}, {}, 0, 0, 0)",
                    partition.value, generation_.value, partition_count_));
    const auto row = session_->query(
        fmt::format("SELECT next_offset, digest, orders_offset FROM positions WHERE `partition` = {}", partition.value));
    if (!row->next()) return Error::retryable("the row of table positions vanished: somebody deletes it");
    return StoredPosition{.next = row->getInt64("next_offset"),
                          .digest = row->getUInt64("digest"),
                          .orders_offset = row->getInt64("orders_offset")};
  } catch (const sql::SQLException& thrown) {
    return error_of(thrown);
  }
}

Result<void> MysqlDatabase::begin(Partition partition, const StoredPosition& from, const StoredPosition& to) {
  if (auto connected = connect(); !connected) return connected;
  try {
    session_->run("START TRANSACTION");
    const int moved = session_->update(fmt::format(
        "UPDATE positions SET next_offset = {}, digest = {}, orders_offset = {} WHERE `partition` = {} AND generation = {} AND "
        "partitions = {} AND next_offset = {} AND digest = {}",
        to.next, to.digest, to.orders_offset, partition.value, generation_.value, partition_count_, from.next, from.digest));
    if (moved == 1) return {};
    return Error::fenced(
        fmt::format("partition {}: another sink has stored what comes after intent {}", partition.value, from.next));
  } catch (const sql::SQLException& thrown) {
    return error_of(thrown);
  }
}

Result<std::optional<RowRefusal>> MysqlDatabase::upsert(std::span<const OrderRow> rows) {
  CHECK(session_ && !rows.empty());
  try {
    fmt::memory_buffer sql;
    auto out = std::back_inserter(sql);
    fmt::format_to(out, "INSERT INTO orders ({}) VALUES ", kColumns);
    for (const OrderRow& row : rows) {
      const v1::Order& order = row.order;
      fmt::format_to(out, "{}({}, {}, {}, {}, {}, {}, {}, '{}', {}, {}, {}, {})", &row == &rows.front() ? "" : ", ", order.id(),
                     session_->quoted(order.sku()), session_->quoted(order.sale_id()), session_->quoted(order.user()),
                     order.quantity(), order.amount_minor(), session_->quoted(order.currency()), status_word(order.status()),
                     order.created_ms(), order.deadline_ms(),
                     order.payment_id().empty() ? "NULL" : session_->quoted(order.payment_id()), row.version.value);
    }
    fmt::format_to(out, "{}", kIfNewer);
    session_->run(fmt::to_string(sql));
    return std::optional<RowRefusal>();
  } catch (const sql::SQLException& thrown) {
    const auto code = static_cast<std::uint32_t>(thrown.getErrorCode());
    if (blame_of(code, thrown.getSQLState()) == MysqlBlame::kRow) return std::optional(RowRefusal{code, thrown.what()});
    return error_of(thrown);
  }
}

Result<void> MysqlDatabase::commit() {
  CHECK(session_);
  try {
    session_->run("COMMIT");
    return {};
  } catch (const sql::SQLException& thrown) {
    return error_of(thrown);
  }
}

void MysqlDatabase::rollback() {
  if (!session_) return;
  try {
    session_->run("ROLLBACK");
  } catch (const sql::SQLException&) {
    session_.reset();  // the server rolls back what a lost connection leaves open
  }
}

// Drops the connection: what it had in hand is rolled back by the server.
Error MysqlDatabase::error_of(const sql::SQLException& thrown) {
  session_.reset();
  const std::string what = fmt::format("the database {} at {}:{} says: {} ({})", settings_.database, settings_.host,
                                       settings_.port, thrown.what(), thrown.getErrorCode());
  if (blame_of(static_cast<std::uint32_t>(thrown.getErrorCode()), thrown.getSQLState()) == MysqlBlame::kServer) {
    return Error::retryable(what);
  }
  return Error::fatal(what + ". Are the tables of schemas/mysql there, and may the user write them?");
}

}  // namespace sluice
