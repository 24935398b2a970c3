#include "tests/simulation/books.h"

#include <fmt/format.h>

namespace sluice::simulation {
namespace {

void demand(bool holds, const char* table, const std::string& what) {
  if (!holds) throw Violation(fmt::format("I7: MySQL is not what orders add up to: {}, {}", table, what));
}

bool same(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  return a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

// What was committed reaches up to the position exactly: each line that the records before it touched is there, at its last
// version.
void Books::judge_commit(const MysqlRows& rows) {
  witness_.look();
  v1::OrderRecord record;
  while (tables_.next() < rows.position.next && folded_ < witness_.records().size()) {
    record.ParseFromString(*witness_.records()[folded_++]);
    tables_.take(record);
  }
  demand(tables_.next() == rows.position.next, "positions",
         fmt::format("it stands at {}, a record ends at {}", rows.position.next, tables_.next()));
  demand(tables_.digest() == rows.position.digest, "positions", "it has another digest");
  const oracle::Tables::Touched touched = tables_.touched();
  for (const std::uint64_t id : touched.orders) judge_order(rows, id);
  for (const std::string& id : touched.payments) judge_payment(rows, id);
  for (const std::string& sku : touched.sales) judge_sale(rows, sku);
  for (const auto& key : touched.history) judge_history(rows, key);
  for (const auto& key : touched.refusals) judge_refusals(rows, key);
  demand(rows.payments.size() == tables_.payments().size() && rows.sales.size() == tables_.sales().size() &&
             rows.history.size() == tables_.history().size() && rows.refusals.size() == tables_.refusals().size(),
         "all", "there are rows of nothing that happened");
}

void Books::judge_everything(const MysqlRows& rows) const {
  demand(rows.position.next == witness_.next(), "positions", "it has not come to the end");
  for (const auto& [id, line] : tables_.orders()) judge_order(rows, id);
  for (const auto& [id, line] : tables_.payments()) judge_payment(rows, id);
  for (const auto& [sku, line] : tables_.sales()) judge_sale(rows, sku);
  for (const auto& [key, line] : tables_.history()) judge_history(rows, key);
  for (const auto& [key, count] : tables_.refusals()) judge_refusals(rows, key);
}

// A row that is not there, or not the last, must lie in dead-letters.
void Books::judge_order(const MysqlRows& rows, std::uint64_t id) const {
  const auto& line = tables_.orders().at(id);
  if (letters_.contains({id, line.version})) return;
  const auto row = rows.orders.find(id);
  demand(row != rows.orders.end() && row->second.version.value == line.version && same(row->second.order, line.order), "orders",
         line.order.ShortDebugString());
}

void Books::judge_payment(const MysqlRows& rows, const std::string& id) const {
  const auto& line = tables_.payments().at(id);
  const auto row = rows.payments.find(id);
  demand(row != rows.payments.end() && row->second.version.value == line.version && row->second.created == line.created &&
             row->second.changed == line.changed && same(row->second.payment, line.payment),
         "payments", line.payment.ShortDebugString());
}

void Books::judge_sale(const MysqlRows& rows, const std::string& sku) const {
  const auto& line = tables_.sales().at(sku);
  const auto row = rows.sales.find(sku);
  demand(row != rows.sales.end() && row->second.version.value == line.version &&
             row->second.opened_slots == line.opened_slots && row->second.frozen == line.frozen &&
             row->second.changed == line.changed && same(row->second.sale, line.sale) &&
             same(row->second.counters, line.counters),
         "sales", line.counters.ShortDebugString());
}

void Books::judge_history(const MysqlRows& rows, const oracle::Tables::HistoryKey& key) const {
  const auto& line = tables_.history().at(key);
  const auto row = rows.history.find(key);
  demand(row != rows.history.end() && row->second.event == line.event && row->second.log_time == line.log_time &&
             row->second.reason == line.reason,
         "order_history", fmt::format("order {} at {}: {}", key.first, key.second, line.event));
}

void Books::judge_refusals(const MysqlRows& rows, const oracle::Tables::RefusalKey& key) const {
  const auto row = rows.refusals.find(key);
  const std::uint64_t stored = row == rows.refusals.end() ? 0 : row->second;
  const std::uint64_t counted = tables_.refusals().at(key);
  demand(stored == counted, "refusals", fmt::format("{} of {}, expected {}", stored, std::get<0>(key), counted));
}

}  // namespace sluice::simulation
