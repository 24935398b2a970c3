// Pure: what the ledger has to say, ruled by brute force: no index, no counter that is kept, no fingerprint; everything is
// counted again from the list of all orders. Written from the design and the formats alone, so that it shares no code and no
// mistake with the ledger.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/ids.h"
#include "schemas/intent.pb.h"
#include "schemas/order_record.pb.h"

namespace sluice::oracle {

struct Place {
  int partition = 0;
  int partition_count = 1;
  int generation = 1;
  std::function<int(std::string_view key)> partition_of_key;
};

// What a verdict remembers a request by. The record has fingerprints of both.
struct RequestKey {
  std::string name;
  std::string content;
  bool admin = false;
};

struct Ruling {
  v1::Intent::KindCase intent = v1::Intent::KIND_NOT_SET;
  UnixMillis log_time = 0;
  bool changed = false;
  v1::Change change;              // the verdict in any case; no fingerprints. The rest only if `changed`
  std::optional<RequestKey> key;  // that the verdict must carry
  std::string sku;                // that its record must name: a purchase's, if it has a sale

  void refuse(v1::Reason reason) {
    change.mutable_verdict()->set_outcome(v1::REFUSED);
    change.mutable_verdict()->set_reason(reason);
  }
  v1::Change& accept() {
    changed = true;
    change.mutable_verdict()->set_outcome(v1::ACCEPTED);
    return change;
  }
  // `reason`: the first one's, if it was refused.
  void repeat(std::uint64_t first, v1::Reason reason = v1::REASON_UNSPECIFIED) {
    change.mutable_verdict()->set_outcome(v1::DUPLICATE);
    change.mutable_verdict()->set_duplicate_of(first);
    change.mutable_verdict()->set_reason(reason);
  }
};

struct Order {
  v1::Order row;  // without fingerprints
  std::string key;
  std::uint64_t version = 0;
  bool restocked = false;
};

struct Line {
  v1::DefineSale sale;
  int opened = 0;
  bool frozen = false;
  std::int64_t brought_in = 0;  // by adjustments
  std::int64_t taken_out = 0;
  std::uint64_t version = 0;
  v1::Counters counters;  // as of the last change, for comparisons
};

class Model {
 public:
  explicit Model(Place place) : place_(std::move(place)) {}

  // Rules on the next intent.
  Ruling rule(UnixMillis append_time, const std::string& bytes);

  Offset next() const { return next_; }
  UnixMillis log_time() const { return log_time_; }
  const std::map<std::uint64_t, Order>& orders() const { return orders_; }
  const std::map<std::string, Line>& lines() const { return lines_; }
  const std::map<std::string, v1::Payment>& payments() const { return payments_; }
  const std::map<std::uint64_t, std::uint64_t>& aliases() const { return aliases_; }
  std::size_t admin_acts() const { return admin_acts_.size(); }

  // What a view may have shown: an order or a line as it was at a version.
  const v1::Order* order_at(std::uint64_t id, std::uint64_t version) const;
  // Whether the order ever was in the state of that name.
  bool was_ever(std::uint64_t id, std::string_view status) const;
  const Line* line_at(const std::string& sku, std::uint64_t version) const;

 private:
  struct AdminAct {
    std::string content;
    std::uint64_t ticket = 0;
    v1::Reason reason = v1::REASON_UNSPECIFIED;  // if it was refused
    std::int64_t could_take = 0;
  };
  struct Refusal {
    std::string key;
    std::uint32_t quantity = 0;
    std::uint64_t ticket = 0;
    v1::Reason reason = v1::REASON_UNSPECIFIED;
    UnixMillis log_time = 0;
  };
  std::uint64_t ticket_of(Offset offset) const;
  int partition_of_order(std::uint64_t order, const std::string& otherwise) const;
  bool is_ours(const v1::Intent& intent) const;
  const std::string& sku_of(const v1::Intent& intent) const;
  Order* find_order(std::uint64_t name);
  Line* find_line(const std::string& sku);
  void open_slots(Line& line, Ruling& ruling);
  v1::Counters count(const Line& line) const;
  std::int64_t units_of(const std::string& user, const Line& line) const;
  v1::Reason why_not(const std::string& user, std::int64_t quantity, const Line& line) const;

  void rule_form(const v1::Intent& intent, Ruling& ruling);
  void dispatch(const v1::Intent& intent, Line* line, Order* order, Ruling& ruling);
  void purchase(const v1::Purchase& purchase, Line* line, Ruling& ruling);
  bool repeats_purchase(const v1::Purchase& purchase, const Line* line, Ruling& ruling);
  void reserve(const v1::Purchase& purchase, const Line& line, Ruling& ruling);
  void due(const v1::Due& due, Line* line, Ruling& ruling);
  void define(const v1::DefineSale& sale, Line* line, Ruling& ruling);
  void start_sale(const v1::DefineSale& sale, Ruling& ruling);
  void amend_sale(const v1::DefineSale& sale, Line& line, Ruling& ruling);
  void adjust(const v1::AdjustStock& adjust, Line* line, Ruling& ruling);
  void freeze(const v1::Freeze& freeze, Line* line, Ruling& ruling);
  void pay(const v1::Pay& pay, Order* order, Line* line, Ruling& ruling);
  void end_payment(const v1::Pay& pay, const Order* order, v1::Reason refund, Ruling& ruling);
  void cancel(const v1::Cancel& cancel, Order* order, Ruling& ruling);
  void refund(const v1::Refund& refund, Order* order, Ruling& ruling);
  void settle(const v1::RefundSettled& settled, Ruling& ruling);

  // Whether an administrator's key was used before; if not, what becomes of it is remembered when the ruling is complete.
  bool repeats_act(const std::string& name, const std::string& content, Ruling& ruling);
  void remember_act(const Ruling& ruling);
  void touch(Order& order, v1::OrderStatus status) {
    order.row.set_status(status);
    order.version = position_;
    moved_.push_back(order.row.id());
  }

  const Place place_;
  Offset next_ = 0;
  UnixMillis log_time_ = 0;
  std::uint64_t ticket_ = 0;  // of the intent at hand
  std::uint64_t position_ = 0;
  std::vector<std::uint64_t> moved_;  // orders that it changed, in the order of the record
  std::string touched_payment_;

  std::map<std::string, Line> lines_;
  std::map<std::uint64_t, Order> orders_;
  std::map<std::string, v1::Payment> payments_;
  std::map<std::uint64_t, std::uint64_t> aliases_;
  std::map<std::string, AdminAct> admin_acts_;
  std::vector<Refusal> refusals_;

  std::map<std::pair<std::uint64_t, std::uint64_t>, v1::Order> past_orders_;  // by id and version
  std::map<std::pair<std::string, std::uint64_t>, Line> past_lines_;
};

}  // namespace sluice::oracle
