#include "tests/bench/decision_stages.h"

#include <fmt/core.h>

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

template <typename Stage>
void measure(const char* name, std::size_t intents, Stage stage) {
  const std::int64_t begun = cpu_nanos();
  stage();
  fmt::print("  {:12} {:5.0f} ns\n", name, static_cast<double>(cpu_nanos() - begun) / static_cast<double>(intents));
}

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

}  // namespace

std::int64_t cpu_nanos() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void print_stages(std::span<const std::string> purchases) {
  const std::size_t count = purchases.size();
  std::vector<PurchaseFields> fields(count);
  measure("read", count, [&] {
    for (std::size_t i = 0; i < count; ++i) fields[i] = read_purchase(purchases[i]).value();
  });

  LedgerState state(kIdentity);
  StockLine& line = sell(state, fields.front().sku, static_cast<std::int64_t>(count));
  std::vector<PurchaseRequest> requests;
  requests.reserve(count);
  measure("fingerprints", count, [&] {
    for (const PurchaseFields& purchase : fields) requests.emplace_back(purchase, &line);
  });

  std::vector<Reservation> orders;
  orders.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Moment moment{kIdentity.ticket(static_cast<Offset>(i)), kNow};
    orders.push_back(reservation_for(line, moment, requests[i]));
  }
  measure("apply", count, [&] {
    for (std::size_t i = 0; i < count; ++i) {
      if (i % kAhead == 0) fetch_memory(state, line, std::span(requests).subspan(i));
      apply_reservation(state, line, Ticket{orders[i].id}.position(), orders[i]);
    }
  });

  // Other keys and users than those of the tables, which are full now.
  define_units(line.stock.counters, Pile::kAvailable, static_cast<std::int64_t>(count));
  for (PurchaseRequest& request : requests) {
    request.key = Fingerprint{~request.key.key.high, request.key.key.low};
    request.user = Fingerprint{~request.user.key.high, request.user.key.low};
  }
  measure("rule", count, [&] {
    for (std::size_t i = 0; i < count; ++i) {
      if (i % kAhead == 0) fetch_memory(state, line, std::span(requests).subspan(i));
      const Moment moment{kIdentity.ticket(static_cast<Offset>(i)), kNow};
      CHECK(rule_purchase(state, &line, moment, requests[i]).outcome == v1::ACCEPTED);
    }
  });

  std::size_t bytes = 0;
  measure("record", count, [&] {
    for (std::size_t begin = 0; begin < count; begin += kPiece) {
      RecordWriter records(0);
      for (std::size_t i = begin; i < std::min(begin + kPiece, count); ++i) {
        records.add_reserved(static_cast<Offset>(i), kNow, orders[i], {}, line.stock);
      }
      bytes += std::move(records).finish().bytes();
    }
  });
  const std::string body(bytes / count - 30, 'x');  // a record without what is around its body
  std::uint64_t digest = 0;
  measure("of it digest", count, [&] {
    for (std::size_t i = 0; i < count; ++i) digest = next_digest(digest, static_cast<Offset>(i), kNow, body);
  });
  CHECK(digest != 0);

  std::string order;
  order.resize(kOrderBytesMax);
  wire::Cursor end(order.data());
  write_order(orders.front(), line.stock.sale, end);
  order.resize(static_cast<std::size_t>(end.at() - order.data()));
  measure("rows", count, [&] {
    for (std::size_t begin = 0; begin < count; begin += kPiece) {
      Effects effects(/*view_wanted=*/false);
      for (std::size_t i = begin; i < std::min(begin + kPiece, count); ++i) {
        effects.order_reserved(Ticket{orders[i].id}.position(), kNow, orders[i].id, order);
        effects.line_changed(line.stock.sale.sku());
      }
      RowWrites rows;
      ViewChanges view;
      std::move(effects).move_to(state, rows, view);
    }
  });
}

}  // namespace sluice::bench
