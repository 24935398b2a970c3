#include "ledger/store_rows.h"

#include "runtime/check.h"

namespace sluice {
namespace {

// Big endian, so that rows lie in the order of the log and new ones are appended.
void append_number(std::string& row, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) row.push_back(static_cast<char>(value >> shift));
}

std::uint64_t number_at(std::string_view row, std::size_t begin) {
  CHECK(row.size() >= begin + 8);
  std::uint64_t value = 0;
  for (std::size_t i = begin; i < begin + 8; ++i) value = value << 8 | static_cast<unsigned char>(row[i]);
  return value;
}

std::string numbered_row(std::string_view prefix, std::uint64_t number) {
  std::string row(prefix);
  append_number(row, number);
  return row;
}

std::string named_row(std::string_view prefix, std::string_view name) { return std::string(prefix).append(name); }

}  // namespace

std::string chunk_row(std::uint64_t first_order) { return numbered_row(kChunkRows, first_order); }
std::string order_row(std::uint64_t order) { return numbered_row(kOrderRows, order); }
std::string alias_row(std::uint64_t duplicate) { return numbered_row(kAliasRows, duplicate); }
std::string payment_row(std::string_view payment_id) { return named_row(kPaymentRows, payment_id); }
std::string line_row(std::string_view sku) { return named_row(kLineRows, sku); }

std::string admin_key_row(const Fingerprint& key) {
  std::string row = numbered_row(kAdminKeyRows, key.high);
  append_number(row, key.low);
  return row;
}

std::uint64_t order_of_row(std::string_view chunk_order_or_alias_row) {
  return number_at(chunk_order_or_alias_row, kOrderRows.size());
}

Fingerprint key_of_row(std::string_view admin_key_row) {
  return {number_at(admin_key_row, kAdminKeyRows.size()), number_at(admin_key_row, kAdminKeyRows.size() + 8)};
}

v1::StoredLine stored_line(const SaleStock& stock) {
  v1::StoredLine line;
  *line.mutable_sale() = stock.sale;
  *line.mutable_counters() = stock.counters;
  line.set_opened_slots(static_cast<std::uint32_t>(stock.opened_slots));
  line.set_frozen(stock.frozen);
  line.set_version(stock.version.value);
  return line;
}

SaleStock sale_stock(const v1::StoredLine& line) {
  return {.sale = line.sale(),
          .counters = line.counters(),
          .opened_slots = static_cast<int>(line.opened_slots()),
          .frozen = line.frozen(),
          .version = {line.version()}};
}

}  // namespace sluice
