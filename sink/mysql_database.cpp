#include "sink/mysql_database.h"

#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/resultset.h>
#include <cppconn/statement.h>
#include <fmt/format.h>
#include <mysql_connection.h>

#include <map>
#include <utility>

#include "runtime/log.h"
#include "sink/mysql_errors.h"
#include "sink/mysql_tables.h"

namespace sluice {
namespace {

// Text that does not fit is refused, never cut; and backslashes escape, whatever the server's own default is.
constexpr const char* kSqlMode = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'";
constexpr const char* kIsolation = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

// Without its slots, which are in rows of their own.
SaleRow sale_row(const sql::ResultSet& row) {
  SaleRow sale;
  sale.partition = {row.getInt("partition")};
  sale.version = {row.getUInt64("version")};
  sale.opened_slots = row.getInt("opened_slots");
  sale.frozen = row.getBoolean("frozen");
  sale.changed = row.getInt64("changed_ms");
  v1::DefineSale& terms = sale.sale;
  terms.set_sku(row.getString("sku").asStdString());
  terms.set_sale_id(row.getString("sale_id").asStdString());
  terms.set_version(row.getUInt("sale_version"));
  terms.set_title(row.getString("title").asStdString());
  terms.set_price_minor(row.getInt64("price_minor"));
  terms.set_currency(row.getString("currency").asStdString());
  terms.set_limit_per_user(row.getUInt("limit_per_user"));
  terms.set_hold_seconds(row.getUInt("hold_seconds"));
  const bool can_rebuy = row.getString("late_payment") == "rebuy_or_refund";
  terms.set_late_payment(can_rebuy ? v1::LATE_PAYMENT_REBUY_OR_REFUND : v1::LATE_PAYMENT_REFUND);
  v1::Counters& counters = sale.counters;
  counters.set_sale_id(terms.sale_id());
  counters.set_defined(row.getInt64("defined"));
  counters.set_unopened(row.getInt64("unopened"));
  counters.set_available(row.getInt64("available"));
  counters.set_held(row.getInt64("held"));
  counters.set_sold(row.getInt64("sold"));
  counters.set_withdrawn(row.getInt64("withdrawn"));
  return sale;
}

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

// Asks for every table with the columns that the sink uses: a missing one is found at the start, not in the middle of a sale.
Result<void> MysqlDatabase::check_tables(Session& session) const {
  for (const MysqlTable& table : mysql_tables()) {
    try {
      session.query(fmt::format("SELECT {} FROM {} LIMIT 0", table.columns, table.name));
    } catch (const sql::SQLException& thrown) {
      if (!is_missing_table_or_column(static_cast<std::uint32_t>(thrown.getErrorCode()))) throw;
      return Error::fatal(
          fmt::format("the database {0} at {1}:{2} has not the table {3} that this sink needs ({4}): apply {5}, "
                      "e.g. mariadb {0} < {5}",
                      settings_.database, settings_.host, settings_.port, table.name, thrown.what(), table.file));
    }
  }
  return {};
}

// Also refuses a database that holds the fold of other topics than ours: its positions would mean other intents.
Result<void> MysqlDatabase::connect() {
  if (session_) return {};
  try {
    auto session = std::make_unique<Session>(settings_, password_);
    if (auto checked = check_tables(*session); !checked) return checked;
    const auto other =
        session->query(fmt::format("SELECT generation, partitions FROM positions WHERE generation <> {0} OR partitions <> {1} "
                                   "OR `partition` >= {1} LIMIT 1",
                                   generation_.value, partition_count_));
    if (other->next()) {
      return Error::fatal(fmt::format(
          "the database {} holds orders of generation {} with {} partitions, but this sink is set to generation {} with {}: "
          "correct topics.generation and topics.partitions, or give it an empty database",
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

Result<std::vector<SaleRow>> MysqlDatabase::sales_of(Partition partition) {
  if (auto connected = connect(); !connected) return connected.error();
  try {
    std::map<std::string, SaleRow> sales;
    const auto rows = session_->query(fmt::format("SELECT * FROM sales WHERE `partition` = {}", partition.value));
    while (rows->next()) {
      SaleRow row = sale_row(*rows);
      const std::string sku = row.sale.sku();
      sales.emplace(sku, std::move(row));
    }
    const auto slots = session_->query(fmt::format(
        "SELECT sku, opens_ms, closes_ms, quantity FROM sales, JSON_TABLE(slots, '$[*]' COLUMNS (slot FOR ORDINALITY, opens_ms "
        "BIGINT PATH '$.opens_ms', closes_ms BIGINT PATH '$.closes_ms', quantity BIGINT PATH '$.quantity')) AS each_slot WHERE "
        "`partition` = {} ORDER BY sku, slot",
        partition.value));
    while (slots->next()) {
      v1::Slot& slot = *sales.at(slots->getString("sku").asStdString()).sale.add_slots();
      slot.set_opens_ms(slots->getInt64("opens_ms"));
      slot.set_closes_ms(slots->getInt64("closes_ms"));
      slot.set_quantity(slots->getUInt("quantity"));
    }
    std::vector<SaleRow> list;
    for (auto& [sku, row] : sales) list.push_back(std::move(row));
    return list;
  } catch (const sql::SQLException& thrown) {
    return error_of(thrown);
  }
}

Result<std::optional<RowRefusal>> MysqlDatabase::upsert(const TableRows& rows) {
  CHECK(session_);
  try {
    session_->run(upsert_statement(rows, [this](const std::string& text) { return session_->quoted(text); }));
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
  return Error::fatal(what + ". Are the tables as schemas/mysql has them, and may the user write them?");
}

}  // namespace sluice
