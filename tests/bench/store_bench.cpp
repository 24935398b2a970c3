// What the local store alone costs: writes orders as a lane does, in batches of a piece, and says how much CPU an order took in
// all threads of the process, and how much memory; then opens the store again and visits every order.
//
//   store_bench FOLDER [ORDERS]        FOLDER is made, and has to be empty
#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "ledger/order_chunks.h"
#include "ledger/rocks_store.h"
#include "ledger/store_rows.h"
#include "runtime/clock.h"

namespace sluice::bench {
namespace {

constexpr std::int64_t kOrdersPerWrite = 2000;
constexpr std::int64_t kOrdersUnlessTold = 2'000'000;
const StoreIdentity kIdentity{Generation{1}, Partition{0}, 1};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double resident_mib() {
  std::ifstream pages("/proc/self/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  pages >> total >> resident;
  return static_cast<double>(resident) * 4096 / (1 << 20);
}

v1::Order sample() {
  v1::Order order;
  order.set_sku("mask");
  order.set_sale_id("sale-1");
  order.set_user("user-0000000");
  order.set_quantity(1);
  order.set_amount_minor(1999);
  order.set_currency("EUR");
  order.set_status(v1::HELD);
  order.set_created_ms(1'700'000'000'000);
  order.set_deadline_ms(1'700'001'200'000);
  order.set_hold_seconds(1200);
  order.set_key_high(0x0123456789abcdef);
  order.set_key_low(0xfedcba9876543210);
  order.set_content(1);
  return order;
}

RowWrites next_write(v1::Order& order, std::int64_t first, std::int64_t count) {
  RowWrites writes;
  ChunkWriter chunks;
  std::string bytes;
  for (std::int64_t i = first; i < first + count; ++i) {
    order.set_id(Ticket::of(kIdentity.partition, Position::at(kIdentity.generation, i)).value);
    order.set_key_low(static_cast<std::uint64_t>(i) * 0x9e3779b97f4a7c15);
    bytes.clear();
    order.AppendToString(&bytes);
    chunks.add(order.id(), bytes, writes);
  }
  chunks.finish(writes);
  v1::StoredProgress progress;
  progress.set_format(kStoreFormat);
  progress.set_generation(1);
  progress.set_partition_count(1);
  progress.set_next_offset(first + count);
  writes.puts.emplace_back(kProgressRow, progress.SerializeAsString());
  writes.puts.emplace_back(line_row("mask"), std::string(120, 'x'));
  return writes;
}

int run(const std::string& folder, std::int64_t orders) {
  v1::Order order = sample();
  const double idle = cpu_seconds();
  for (std::int64_t i = 0; i < orders; i += kOrdersPerWrite) (void)next_write(order, i, kOrdersPerWrite);
  const double making = cpu_seconds() - idle;

  auto store = RocksStore::open({.directory = folder}, kIdentity);
  if (!store) return fmt::print(stderr, "{}\n", store.error().message), 1;
  const double before = cpu_seconds();
  const double resident_before = resident_mib();
  double resident_at_tenth = 0;
  for (std::int64_t i = 0; i < orders; i += kOrdersPerWrite) {
    if (auto written = (*store)->write(next_write(order, i, kOrdersPerWrite)); !written) return 1;
    if (i >= orders / 10 && resident_at_tenth == 0) resident_at_tenth = resident_mib();
  }
  const double writing = cpu_seconds() - before - making;
  const double resident_after = resident_mib();
  store->reset();
  const double closed = cpu_seconds() - before - making;
  const auto per_order = [orders](double seconds) { return seconds * 1e6 / static_cast<double>(orders); };
  fmt::print("write {:.3f} us of CPU per order (with the close {:.3f}), making the rows {:.3f}\n", per_order(writing),
             per_order(closed), per_order(making));
  fmt::print("resident {:.1f} MiB before, {:.1f} after a tenth, {:.1f} after all\n", resident_before, resident_at_tenth,
             resident_after);

  const double before_open = cpu_seconds();
  const std::int64_t opened_ns = steady_nanos();
  store = RocksStore::open({.directory = folder}, kIdentity);
  if (!store) return 1;
  const double open = cpu_seconds() - before_open;
  std::int64_t visited = 0;
  v1::StoredOrder stored;
  const auto read = visit_orders(**store, [&](const KeptOrder& row) { return row.read(stored) && ++visited > 0; });
  if (!read || visited != orders) return 1;
  fmt::print("opened in {:.3f} s of CPU, every order read in {:.3f} us; {:.3f} s in all by the clock\n", open,
             per_order(cpu_seconds() - before_open - open), static_cast<double>(steady_nanos() - opened_ns) / 1e9);
  return 0;
}

}  // namespace
}  // namespace sluice::bench

int main(int count, char** arguments) {
  if (count < 2) return 2;
  return sluice::bench::run(arguments[1], count > 2 ? std::atoll(arguments[2]) : sluice::bench::kOrdersUnlessTold);
}
