// Pure: what a database has to hold when it has folded the records of one partition up to some place: written from the formats
// of records and tables alone, so that it shares no code and no mistake with the sink.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice::oracle {

class Tables {
 public:
  struct OrderLine {
    std::uint64_t version = 0;
    v1::Order order;
  };
  struct PaymentLine {
    std::uint64_t version = 0;
    v1::Payment payment;
    UnixMillis created = 0;
    UnixMillis changed = 0;
  };
  struct SaleLine {
    std::uint64_t version = 0;
    v1::DefineSale sale;
    v1::Counters counters;
    int opened_slots = 0;
    bool frozen = false;
    UnixMillis changed = 0;
  };
  struct HistoryLine {
    std::string event;
    UnixMillis log_time = 0;
    std::string reason;
  };
  using HistoryKey = std::pair<std::uint64_t, std::uint64_t>;                // order, version
  using RefusalKey = std::tuple<std::string, std::string, int, v1::Reason>;  // SKU, sale, slot or kNoSlot, reason
  static constexpr int kNoSlot = -1;

  // Which lines have changed since.
  struct Touched {
    std::vector<std::uint64_t> orders;
    std::vector<std::string> payments;
    std::vector<std::string> sales;
    std::vector<HistoryKey> history;
    std::vector<RefusalKey> refusals;
  };

  explicit Tables(int generation) : generation_(generation) {}

  // REQUIRES: the records come in order, each once.
  void take(const v1::OrderRecord& record);

  Offset next() const { return next_; }
  std::uint64_t digest() const { return digest_; }  // of the last record

  const std::map<std::uint64_t, OrderLine>& orders() const { return orders_; }
  const std::map<std::string, PaymentLine>& payments() const { return payments_; }
  const std::map<std::string, SaleLine>& sales() const { return sales_; }
  const std::map<HistoryKey, HistoryLine>& history() const { return history_; }
  const std::map<RefusalKey, std::uint64_t>& refusals() const { return refusals_; }

  // What has changed since the last call.
  Touched touched() { return std::exchange(touched_, {}); }

 private:
  void take_change(const v1::Change& change, UnixMillis log_time, std::uint64_t version);
  void count_refusal(const std::string& sku, v1::Reason reason, UnixMillis log_time);

  const int generation_;
  Offset next_ = 0;
  std::uint64_t digest_ = 0;
  std::map<std::uint64_t, OrderLine> orders_;
  std::map<std::string, PaymentLine> payments_;
  std::map<std::string, SaleLine> sales_;
  std::map<HistoryKey, HistoryLine> history_;
  std::map<RefusalKey, std::uint64_t> refusals_;
  Touched touched_;
};

}  // namespace sluice::oracle
