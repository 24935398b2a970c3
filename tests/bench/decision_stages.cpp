#include "tests/bench/decision_stages.h"

#include <fmt/core.h>

#include <array>
#include <ctime>
#include <vector>

#include "ledger/apply.h"
#include "ledger/purchase_rules.h"
#include "ledger/record_writer.h"
#include "runtime/check.h"
#include "schemas/digest.h"

namespace sluice::bench {
namespace {

constexpr LedgerIdentity kIdentity{.partition = {0}, .generation = {1}, .partition_count = 1};
constexpr UnixMillis kNow = 1'700'000'000'000;
constexpr std::size_t kPiece = 2'000;  // as a lane does
constexpr std::size_t kAhead = 16;     // as Ledger::read_ahead does

enum Stage { kRead, kFingerprints, kRule, kApply, kRecord, kRows, kDigest, kStages };
constexpr std::array<const char*, kStages> kNames = {"read",   "fingerprints", "look up and rule",   "change the state",
                                                     "record", "rows",         "(of record: digest)"};

StockLine& sell(LedgerState& state, std::string_view sku, std::int64_t units) {
  StockLine& line = state.line_of(std::string(sku));
  line.stock.sale.set_sku(std::string(sku));
  line.stock.sale.set_sale_id("spike");
  line.stock.sale.set_currency("EUR");
  line.stock.sale.set_price_minor(1999);
  line.stock.sale.set_hold_seconds(1200);
  line.stock.sale.set_limit_per_user(1);
  line.stock.sale.add_slots()->set_closes_ms(2 * kNow);
  line.stock.opened_slots = 1;
  line.stock.counters.set_sale_id("spike");
  define_units(line.stock.counters, Pile::kAvailable, units);
  state.accepted.reserve(static_cast<std::size_t>(units));
  line.units_of_user.reserve(static_cast<std::size_t>(units));
  return line;
}

// As Ledger::read_ahead has it.
void fetch_memory(const LedgerState& state, const StockLine& line, std::span<const PurchaseRequest> requests) {
  for (const PurchaseRequest& next : requests.first(std::min(kAhead, requests.size()))) {
    state.accepted.prefetch(next.key);
    state.refusals.prefetch(next.key);
    line.units_of_user.prefetch(next.user);
  }
}

// One stage after another over a piece, as it lies in the processor's caches when a lane decides it.
class Stages {
 public:
  Stages(LedgerState& state, StockLine& line) : state_(state), line_(line) {}

  const std::array<std::int64_t, kStages>& nanos() const { return nanos_; }

  void pass(std::span<const std::string> purchases) {
    fields_.clear();
    requests_.clear();
    orders_.clear();
    measure(kRead, [&] {
      for (const std::string& bytes : purchases) fields_.push_back(read_purchase(bytes).value());
    });
    measure(kFingerprints, [&] {
      for (const PurchaseFields& purchase : fields_) requests_.emplace_back(purchase, &line_);
    });
    const Offset first = state_.next;
    measure(kRule, [&] { rule(); });
    measure(kApply, [&] {
      for (const Reservation& order : orders_) apply_reservation(state_, line_, Ticket{order.id}.position(), order);
    });
    write(first);
  }

 private:
  template <typename Work>
  void measure(Stage stage, Work work) {
    const std::int64_t begun = cpu_nanos();
    work();
    nanos_[stage] += cpu_nanos() - begun;
  }

  void rule() {
    for (std::size_t i = 0; i < requests_.size(); ++i) {
      if (i % kAhead == 0) fetch_memory(state_, line_, std::span(requests_).subspan(i));
      const Moment moment{kIdentity.ticket(state_.next++), kNow};
      CHECK(rule_purchase(state_, &line_, moment, requests_[i]).outcome == v1::ACCEPTED);
      orders_.push_back(reservation_for(line_, moment, requests_[i]));
    }
  }

  void write(Offset first) {
    RecordWriter records(0);
    measure(kRecord, [&] {
      Offset offset = first;
      for (const Reservation& order : orders_) records.add_reserved(offset++, kNow, order, {}, line_.stock);
    });
    const EncodedRecords encoded = std::move(records).finish();
    measure(kDigest, [&] {
      std::uint64_t digest = 0;
      Offset offset = first;
      for (const EncodedRecord record : encoded) digest = next_digest(digest, offset++, kNow, record.bytes);
      CHECK(digest != 0);
    });
    std::array<char, kOrderBytesMax> order;
    wire::Cursor end(order.data());
    write_order(orders_.front(), line_.stock.sale, end);
    const std::string_view bytes(order.data(), static_cast<std::size_t>(end.at() - order.data()));
    measure(kRows, [&] {
      Effects effects(/*view_wanted=*/false);
      for (const Reservation& reserved : orders_) {
        effects.order_reserved(Ticket{reserved.id}.position(), kNow, reserved.id, bytes);
        effects.line_changed(line_);
      }
      RowWrites rows;
      ViewChanges view;
      std::move(effects).move_to(state_, rows, view);
    });
  }

  LedgerState& state_;
  StockLine& line_;
  std::array<std::int64_t, kStages> nanos_{};
  std::vector<PurchaseFields> fields_;
  std::vector<PurchaseRequest> requests_;
  std::vector<Reservation> orders_;
};

}  // namespace

std::int64_t cpu_nanos() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void print_stages(std::span<const std::string> purchases) {
  LedgerState state(kIdentity);
  StockLine& line = sell(state, read_purchase(purchases.front()).value().sku, static_cast<std::int64_t>(purchases.size()));
  Stages stages(state, line);
  for (std::size_t begin = 0; begin < purchases.size(); begin += kPiece) {
    stages.pass(purchases.subspan(begin, std::min(kPiece, purchases.size() - begin)));
  }
  for (std::size_t i = 0; i < kStages; ++i) {
    fmt::print("  {:20} {:4.0f} ns\n", kNames[i],
               static_cast<double>(stages.nanos()[i]) / static_cast<double>(purchases.size()));
  }
}

}  // namespace sluice::bench
