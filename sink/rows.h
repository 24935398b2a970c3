// Pure: the rows of the tables of schemas/mysql, as values.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "schemas/ids.h"
#include "schemas/intent.pb.h"
#include "schemas/order_record.pb.h"

namespace sluice {

// `version` is always the position of the intent that brought the row to this state.

struct OrderRow {
  Position version;
  v1::Order order;

  Ticket id() const { return {order.id()}; }
};

struct PaymentRow {
  Position version;
  v1::Payment payment;
  // Log times. `created` counts only where the row is new to the store; nobody knows it of a payment that changes later.
  UnixMillis created = 0;
  UnixMillis changed = 0;
};

struct SaleRow {
  Partition partition;
  Position version;
  v1::DefineSale sale;
  v1::Counters counters;
  int opened_slots = 0;
  bool frozen = false;
  UnixMillis changed = 0;  // log time
};

// A transition of an order.
struct HistoryRow {
  Position version;
  std::uint64_t order = 0;
  std::string_view event;  // as the table names it
  UnixMillis log_time = 0;
  std::string_view reason;  // empty: none
};

// `count` more purchases that were refused, of the intents from `since` to `version`.
struct RefusalRow {
  Position since;
  Position version;
  std::string sku;
  std::string sale_id;
  int slot = kNoSlot;
  v1::Reason reason = v1::REASON_UNSPECIFIED;
  std::uint64_t count = 0;

  static constexpr int kNoSlot = -1;
};

// Rows of one table.
using TableRows = std::variant<std::span<const OrderRow>, std::span<const PaymentRow>, std::span<const SaleRow>,
                               std::span<const HistoryRow>, std::span<const RefusalRow>>;

// What a batch of records of one partition leaves behind.
struct Rows {
  std::vector<OrderRow> orders;
  std::vector<PaymentRow> payments;
  std::vector<SaleRow> sales;
  std::vector<HistoryRow> history;
  std::vector<RefusalRow> refusals;

  std::array<TableRows, 5> tables() const { return {orders, payments, sales, history, refusals}; }
  std::size_t size() const { return orders.size() + payments.size() + sales.size() + history.size() + refusals.size(); }
};

}  // namespace sluice
