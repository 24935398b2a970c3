#include "tests/sink/expected_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>

namespace sluice {
namespace {

std::string small(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string or_null(const std::string& text) { return text.empty() ? "NULL" : text; }

std::string sale_text(int partition, std::uint64_t version, const v1::DefineSale& sale, const v1::Counters& counters,
                      int opened, bool frozen, UnixMillis changed) {
  return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", sale.sku(), partition, version,
                     sale.sale_id(), sale.version(), sale.title(), sale.price_minor(), sale.currency(), sale.limit_per_user(),
                     sale.hold_seconds(), sale.late_payment() == v1::LATE_PAYMENT_REFUND ? "refund" : "rebuy_or_refund",
                     sale.slots_size(), opened, frozen ? 1 : 0, counters.defined(), counters.unopened(), counters.available(),
                     counters.held(), counters.sold(), counters.withdrawn(), changed);
}

std::string payment_text(const v1::Payment& payment, std::uint64_t version, UnixMillis created, UnixMillis changed) {
  const bool back = payment.end() == v1::PAYMENT_REFUND_DUE;
  return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", payment.id(), payment.ticket() >> 52, version,
                     payment.order() == 0 ? "NULL" : std::to_string(payment.order()), payment.amount_minor(),
                     payment.currency(), back ? "refund_due" : "paid",
                     back ? small(v1::Reason_Name(payment.refund_reason())) : "NULL", payment.refund_settled() ? 1 : 0,
                     payment.ticket(), created, changed);
}

std::string order_text(const v1::Order& order, std::uint64_t version) {
  return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", order.id(), order.id() >> 52, version, order.sku(),
                     order.sale_id(), order.user(), order.quantity(), order.amount_minor(), order.currency(),
                     small(v1::OrderStatus_Name(order.status())), order.created_ms(), order.deadline_ms(),
                     or_null(order.payment_id()));
}

std::string event_name(const v1::Change& change) {
  if (change.has_reserved()) return "reserved|NULL";
  if (change.has_paid()) return change.paid().bought_again() ? "bought_again|NULL" : "paid|NULL";
  if (change.has_cancelled()) return "cancelled|NULL";
  if (change.has_released()) return "released|NULL";
  if (change.has_refunded()) return change.refunded().restocked() ? "refunded|restocked" : "refunded|withdrawn";
  return "";
}

// One partition, record by record.
class Teller {
 public:
  Teller(Generation generation, const std::string& except_user) : generation_(generation), except_user_(except_user) {}

  void take(const v1::OrderRecord& record) {
    version_ = static_cast<std::uint64_t>(generation_.value) << 44 | record.last_offset();
    now_ = record.log_time_ms();
    for (int i = 0; i < record.unchanged().verdicts_size(); ++i) take_verdict(record.unchanged(), i);
    if (record.has_change()) take_change(record.change());
  }

  TableTexts tell() const {
    TableTexts texts;
    for (const auto& [table, select] : table_selects()) texts[table] = {};
    for (const auto& [id, text] : orders_) texts["orders"].push_back(text);
    for (const auto& [id, payment] : payments_) texts["payments"].push_back(payment.text);
    for (const auto& [sku, sale] : sales_) {
      texts["sales"].push_back(
          sale_text(sale.partition, sale.version, sale.terms, sale.counters, sale.opened, sale.frozen, sale.changed));
    }
    texts["order_history"] = history_;
    for (const auto& [name, count] : refusals_) texts["refusals"].push_back(fmt::format("{}|{}", name, count));
    for (auto& [table, rows] : texts) std::ranges::sort(rows);
    return texts;
  }

  void set_partition(int partition) { partition_ = partition; }

 private:
  struct Sale {
    int partition;
    v1::DefineSale terms;
    v1::Counters counters;
    int opened = 0;
    bool frozen = false;
    std::uint64_t version = 0;
    UnixMillis changed = 0;
  };
  struct Payment {
    UnixMillis created;
    std::string text;
  };

  void take_verdict(const v1::Unchanged& run, int i) {
    if (i > 0 && !run.log_time_deltas_ms().empty()) now_ += run.log_time_deltas_ms(i);
    if (run.verdicts(i).outcome() != v1::REFUSED || run.skus().empty()) return;
    if (run.sku_of().empty()) return refuse(run.skus(0), run.verdicts(i).reason());
    if (run.sku_of(i) > 0) refuse(run.skus(static_cast<int>(run.sku_of(i)) - 1), run.verdicts(i).reason());
  }

  void refuse(const std::string& sku, v1::Reason reason) {
    if (!sales_.contains(sku)) return;
    const Sale& sale = sales_.at(sku);
    int slot = -1;
    for (int i = 0; i < sale.terms.slots_size(); ++i) {
      if (sale.terms.slots(i).opens_ms() <= now_ && now_ < sale.terms.slots(i).closes_ms()) slot = i;
    }
    ++refusals_[fmt::format("{}|{}|{}|{}", sku, sale.terms.sale_id(), slot, small(v1::Reason_Name(reason)))];
  }

  void take_change(const v1::Change& change) {
    const bool is_purchase = change.verdict().key_high() != 0 && !change.verdict().admin();
    if (change.verdict().outcome() == v1::REFUSED && is_purchase) refuse(change.sku(), change.verdict().reason());
    if (change.has_sale_defined()) define(change.sale_defined().sale());
    if (sales_.contains(change.sku())) {
      Sale& sale = sales_.at(change.sku());
      sale.partition = partition_;
      sale.counters = change.counters();
      sale.version = version_;
      sale.changed = now_;
      if (change.has_frozen()) sale.frozen = change.frozen().on();
      sale.opened += change.slots_opened_size();
    }
    for (const v1::Order& order : change.orders()) {
      if (order.user() != except_user_) orders_[order.id()] = order_text(order, version_);
      const std::string event = event_name(change);
      history_.push_back(fmt::format("{}|{}|{}|{}|{}", order.id(), version_, event.substr(0, event.find('|')), now_,
                                     event.substr(event.find('|') + 1)));
    }
    for (const v1::Payment& payment : change.payments()) {
      const UnixMillis created = payments_.contains(payment.id()) ? payments_.at(payment.id()).created : now_;
      payments_[payment.id()] = {created, payment_text(payment, version_, created, now_)};
    }
  }

  void define(const v1::DefineSale& terms) {
    Sale& sale = sales_[terms.sku()];
    if (sale.terms.sale_id() != terms.sale_id()) {
      sale.opened = 0;
      sale.frozen = false;
    }
    sale.terms = terms;
  }

  const Generation generation_;
  const std::string except_user_;
  int partition_ = 0;
  std::uint64_t version_ = 0;
  UnixMillis now_ = 0;
  std::map<std::uint64_t, std::string> orders_;
  std::map<std::string, Payment> payments_;
  std::map<std::string, Sale> sales_;
  std::vector<std::string> history_;
  std::map<std::string, int> refusals_;
};

}  // namespace

const std::map<std::string, std::string>& table_selects() {
  static const std::map<std::string, std::string> kSelects = {
      {"orders",
       "SELECT id, `partition`, version, sku, sale_id, user, quantity, amount_minor, currency, status, created_ms, "
       "deadline_ms, payment_id FROM orders"},
      {"payments",
       "SELECT id, `partition`, version, order_id, amount_minor, currency, `end`, refund_reason, refund_settled, ticket, "
       "created_ms, changed_ms FROM payments"},
      {"sales",
       "SELECT sku, `partition`, version, sale_id, sale_version, title, price_minor, currency, limit_per_user, hold_seconds, "
       "late_payment, JSON_LENGTH(slots), opened_slots, frozen, defined, unopened, available, held, sold, withdrawn, "
       "changed_ms FROM sales"},
      {"order_history", "SELECT order_id, version, event, log_time_ms, reason FROM order_history"},
      {"refusals", "SELECT sku, sale_id, slot, reason, `count` FROM refusals"},
  };
  return kSelects;
}

TableTexts expected_rows(Partition partition, const std::vector<v1::OrderRecord>& records, Offset next, Generation generation,
                         const std::string& except_user) {
  Teller teller(generation, except_user);
  teller.set_partition(partition.value);
  for (const v1::OrderRecord& record : records) {
    if (static_cast<Offset>(record.last_offset()) >= next) break;
    teller.take(record);
  }
  return teller.tell();
}

void add(TableTexts& texts, const TableTexts& more) {
  for (const auto& [table, rows] : more) {
    std::vector<std::string>& all = texts[table];
    all.insert(all.end(), rows.begin(), rows.end());
    std::ranges::sort(all);
  }
}

std::string difference(const TableTexts& found, const TableTexts& expected) {
  constexpr std::size_t kShownMax = 3;
  std::string text;
  for (const auto& [table, rows] : expected) {
    const std::vector<std::string>& there = found.at(table);
    std::vector<std::string> missing;
    std::vector<std::string> extra;
    std::ranges::set_difference(rows, there, std::back_inserter(missing));
    std::ranges::set_difference(there, rows, std::back_inserter(extra));
    for (std::size_t i = 0; i < std::min(missing.size(), kShownMax); ++i)
      text += fmt::format("{} lacks {}\n", table, missing[i]);
    for (std::size_t i = 0; i < std::min(extra.size(), kShownMax); ++i) text += fmt::format("{} has {}\n", table, extra[i]);
  }
  return text;
}

std::string text_of(const OrderRow& row) { return order_text(row.order, row.version.value); }

std::string text_of(const PaymentRow& row) { return payment_text(row.payment, row.version.value, row.created, row.changed); }

std::string text_of(const SaleRow& row) {
  return sale_text(row.partition.value, row.version.value, row.sale, row.counters, row.opened_slots, row.frozen, row.changed);
}

std::string text_of(const HistoryRow& row) {
  return fmt::format("{}|{}|{}|{}|{}", row.order, row.version.value, row.event, row.log_time, or_null(std::string(row.reason)));
}

std::string text_of(const RefusalRow& row) {
  return fmt::format("{}|{}|{}|{}|{}", row.sku, row.sale_id, row.slot, small(v1::Reason_Name(row.reason)), row.count);
}

}  // namespace sluice
