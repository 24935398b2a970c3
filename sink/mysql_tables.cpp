#include "sink/mysql_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "schemas/reason_word.h"
#include "schemas/status_word.h"

namespace sluice {
namespace {

constexpr std::string_view kFirstFile = "schemas/mysql/001_orders.sql";
constexpr std::string_view kSecondFile = "schemas/mysql/002_payments_sales_history.sql";

constexpr MysqlTable kPositions{"positions", "`partition`, generation, partitions, next_offset, digest, orders_offset",
                                kFirstFile};
constexpr MysqlTable kOrders{
    "orders", "id, version, sku, sale_id, user, quantity, amount_minor, currency, status, created_ms, deadline_ms, payment_id",
    kFirstFile};
constexpr MysqlTable kPayments{"payments",
                               "id, `partition`, version, order_id, amount_minor, currency, `end`, refund_reason, "
                               "refund_settled, ticket, created_ms, changed_ms",
                               kSecondFile};
constexpr MysqlTable kSales{"sales",
                            "sku, `partition`, version, sale_id, sale_version, title, price_minor, currency, limit_per_user, "
                            "hold_seconds, late_payment, "
                            "slots, opened_slots, frozen, defined, unopened, available, held, sold, withdrawn, changed_ms",
                            kSecondFile};
constexpr MysqlTable kHistory{"order_history", "order_id, version, event, log_time_ms, reason", kSecondFile};
constexpr MysqlTable kRefusals{"refusals", "sku, sale_id, slot, reason, `count`", kSecondFile};

// The end of a statement that updates a row only by a newer one: all columns but those of the key and others that stay as they
// were inserted (`kept`). Assigned from left to right, so the version, which all others look at, comes last. VALUES() works on
// MySQL and on MariaDB; a row alias does not.
std::string if_newer(const MysqlTable& table, const std::set<std::string_view>& kept) {
  std::string sql = " ON DUPLICATE KEY UPDATE ";
  for (std::string_view rest = table.columns; !rest.empty();) {
    const std::string_view column = rest.substr(0, rest.find(", "));
    rest.remove_prefix(std::min(column.size() + 2, rest.size()));
    if (column == "version" || kept.contains(column)) continue;
    sql += fmt::format("{0} = IF(VALUES(version) > version, VALUES({0}), {0}), ", column);
  }
  return sql + "version = GREATEST(version, VALUES(version))";
}

std::string_view late_payment_word(v1::LatePayment late) {
  return late == v1::LATE_PAYMENT_REBUY_OR_REFUND ? "rebuy_or_refund" : "refund";
}

std::string slots_json(const v1::DefineSale& sale) {
  std::string json = "[";
  for (const v1::Slot& slot : sale.slots()) {
    json += fmt::format(R"({}{{"opens_ms":{},"closes_ms":{},"quantity":{}}})", json.size() > 1 ? "," : "", slot.opens_ms(),
                        slot.closes_ms(), slot.quantity());
  }
  return json + "]";
}

// One statement, row by row.
class Statement {
 public:
  explicit Statement(const Quote& quote) : quote_(quote) {}

  std::string of(std::span<const OrderRow> rows) {
    static const std::string kEnd = if_newer(kOrders, {"id"});
    return insert(kOrders, rows, kEnd);
  }
  std::string of(std::span<const PaymentRow> rows) {
    static const std::string kEnd = if_newer(kPayments, {"id", "`partition`", "created_ms"});
    return insert(kPayments, rows, kEnd);
  }
  std::string of(std::span<const SaleRow> rows) {
    static const std::string kEnd = if_newer(kSales, {"sku"});
    return insert(kSales, rows, kEnd);
  }
  // A transition is never updated; one that is there already says the same.
  std::string of(std::span<const HistoryRow> rows) {
    return insert(kHistory, rows, " ON DUPLICATE KEY UPDATE version = VALUES(version)");
  }
  std::string of(std::span<const RefusalRow> rows) {
    return insert(kRefusals, rows, " ON DUPLICATE KEY UPDATE `count` = `count` + VALUES(`count`)");
  }

 private:
  template <typename Row>
  std::string insert(const MysqlTable& table, std::span<const Row> rows, std::string_view end) {
    put("INSERT INTO {} ({}) VALUES ", table.name, table.columns);
    for (const Row& row : rows) {
      put("{}(", &row == &rows.front() ? "" : ", ");
      put_values(row);
      put(")");
    }
    put("{}", end);
    return fmt::to_string(sql_);
  }

  void put_values(const OrderRow& row) {
    const v1::Order& order = row.order;
    put("{}, {}, {}, {}, {}, {}, {}, {}, '{}', {}, {}, {}", order.id(), row.version.value, quote_(order.sku()),
        quote_(order.sale_id()), quote_(order.user()), order.quantity(), order.amount_minor(), quote_(order.currency()),
        status_word(order.status()), order.created_ms(), order.deadline_ms(), or_null(order.payment_id()));
  }

  void put_values(const PaymentRow& row) {
    const v1::Payment& payment = row.payment;
    const bool goes_back = payment.end() == v1::PAYMENT_REFUND_DUE;
    put("{}, {}, {}, {}, {}, {}, '{}', {}, {}, {}, {}, {}", quote_(payment.id()), Ticket{payment.ticket()}.partition().value,
        row.version.value, payment.order() == 0 ? "NULL" : std::to_string(payment.order()), payment.amount_minor(),
        quote_(payment.currency()), goes_back ? "refund_due" : "paid",
        or_null(goes_back ? reason_word(payment.refund_reason()) : ""), payment.refund_settled() ? 1 : 0, payment.ticket(),
        row.created, row.changed);
  }

  void put_values(const SaleRow& row) {
    const v1::DefineSale& sale = row.sale;
    const v1::Counters& counters = row.counters;
    put("{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, '{}', '{}', {}, {}, ", quote_(sale.sku()), row.partition.value,
        row.version.value, quote_(sale.sale_id()), sale.version(), quote_(sale.title()), sale.price_minor(),
        quote_(sale.currency()), sale.limit_per_user(), sale.hold_seconds(), late_payment_word(sale.late_payment()),
        slots_json(sale), row.opened_slots, row.frozen ? 1 : 0);
    put("{}, {}, {}, {}, {}, {}, {}", counters.defined(), counters.unopened(), counters.available(), counters.held(),
        counters.sold(), counters.withdrawn(), row.changed);
  }

  void put_values(const HistoryRow& row) {
    put("{}, {}, '{}', {}, {}", row.order, row.version.value, row.event, row.log_time, or_null(std::string(row.reason)));
  }

  void put_values(const RefusalRow& row) {
    put("{}, {}, {}, '{}', {}", quote_(row.sku), quote_(row.sale_id), row.slot, reason_word(row.reason), row.count);
  }

  std::string or_null(const std::string& text) const { return text.empty() ? "NULL" : quote_(text); }

  template <typename... Args>
  void put(fmt::format_string<Args...> format, Args&&... arguments) {
    fmt::format_to(std::back_inserter(sql_), format, std::forward<Args>(arguments)...);
  }

  const Quote& quote_;
  fmt::memory_buffer sql_;
};

}  // namespace

std::array<MysqlTable, 6> mysql_tables() { return {kPositions, kOrders, kPayments, kSales, kHistory, kRefusals}; }

std::string upsert_statement(const TableRows& rows, const Quote& quote) {
  return std::visit([&](const auto& of_one_table) { return Statement(quote).of(of_one_table); }, rows);
}

}  // namespace sluice
