// How fast the sink's loop stores a partition, with all tables and with `orders` alone, in turn: what the other tables cost.
// Reads from memory, writes to the MySQL of SLUICE_TEST_MYSQL (tests/sink/mysql_server.h):
//
//   eval "$(stack/stack.py env)"; build/release/tests/bench/sink_drain [ORDERS [ROUNDS]]
#include <fmt/core.h>

#include <array>
#include <cstdlib>

#include "runtime/clock.h"
#include "runtime/log.h"
#include "sink/mysql_database.h"
#include "sink/sink_loop.h"
#include "tests/sink/memory_ports.h"
#include "tests/sink/mysql_server.h"
#include "tests/sink/sample_log.h"
#include "tests/sink/test_database.h"

namespace sluice {
namespace {

constexpr Partition kPartition{0};
constexpr Generation kGeneration{1};

// A rush: every order is followed by ten refusals; half of them are paid, a quarter is released.
MemoryLog rush(int orders) {
  SampleLog log(kPartition);
  log.define("mask", 10, 100'000);
  for (int i = 0; i < orders; ++i) {
    const Ticket order = log.reserve("mask", "user-" + std::to_string(i));
    log.refuse(10);
    if (i % 2 == 0) log.pay(order, "gw-" + std::to_string(i));
    if (i % 4 == 1) log.release({order});
  }
  return {{kPartition, log.records()}};
}

// The database as it was before the other tables.
class OnlyOrders final : public SinkDatabase {
 public:
  explicit OnlyOrders(SinkDatabase& database) : database_(database) {}
  Result<StoredPosition> position_of(Partition partition) override { return database_.position_of(partition); }
  Result<std::vector<SaleRow>> sales_of(Partition partition) override { return database_.sales_of(partition); }
  Result<void> begin(Partition partition, const StoredPosition& from, const StoredPosition& to) override {
    return database_.begin(partition, from, to);
  }
  Result<std::optional<RowRefusal>> upsert(const TableRows& rows) override {
    if (!std::holds_alternative<std::span<const OrderRow>>(rows)) return std::optional<RowRefusal>();
    return database_.upsert(rows);
  }
  Result<void> commit() override { return database_.commit(); }
  void rollback() override { database_.rollback(); }

 private:
  SinkDatabase& database_;
};

void drain(const MemoryLog& log, bool all_tables) {
  TestDatabase fresh(given_mysql_server());
  MysqlDatabase database(fresh.settings(), fresh.password(), kGeneration, /*partition_count=*/1);
  OnlyOrders only_orders(database);
  FaultPlan none;
  MemoryOrdersReader reader(log, none);
  MemoryDeadLetters letters(none);
  Metrics registry;
  SinkMetrics metrics(registry);
  SinkDatabase& chosen = all_tables ? static_cast<SinkDatabase&>(database) : only_orders;
  SinkLoop loop(SinkLimits{.poll_wait = std::chrono::milliseconds{0}}, kGeneration, reader, chosen, letters, metrics);
  loop.own(std::array{kPartition});
  const double records = static_cast<double>(log.at(kPartition).size());
  const std::int64_t begun = steady_nanos();
  while (metrics.records.Value() < records) {
    if (auto done = loop.poll_once(unix_millis()); !done) {
      fmt::print(stderr, "{}\n", done.error().message);
      return;
    }
  }
  const double seconds = static_cast<double>(steady_nanos() - begun) / 1e9;
  double rows = 0;
  for (const auto& [table, texts] : fresh.content().tables) rows += static_cast<double>(texts.size());
  fmt::print("{:12} {:8.0f} records/s   {:8.0f} rows/s   {:.2f} s\n", all_tables ? "all tables" : "orders alone",
             records / seconds, rows / seconds, seconds);
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  const int orders = argc > 1 ? std::atoi(argv[1]) : 100'000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 3;
  sluice::set_log_level(sluice::LogLevel::kError);
  const sluice::MemoryLog log = sluice::rush(orders);
  for (int i = 0; i < rounds; ++i) {
    for (const bool all_tables : {false, true}) sluice::drain(log, all_tables);
  }
}
