// The child that rocks_store_test kills: writes batches to the store in the folder argv[1] for ever, and says the number of
// each on standard output once its write has returned. Batch n sets the position to n and every state row, of both families, to
// n, and adds a payment row. The first argv[2] batches are those of a rush; what it writes after them
// before that is over, it does not tell.

#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "ledger/rocks_store.h"
#include "ledger/store_rows.h"
#include "ledger/stored.pb.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kStateRows = 20;
constexpr std::size_t kRowBytes = 500, kRushRowBytes = 5'000;

int write_for_ever(const std::string& directory, int rush) {
  const sluice::StoreIdentity identity{sluice::Generation{1}, sluice::Partition{3}, 8};
  auto store = sluice::RocksStore::open({directory}, identity);
  if (!store) {
    fmt::print(stderr, "{}\n", store.error().message);
    return 1;
  }
  sluice::v1::StoredProgress progress;
  auto row = (*store)->get({std::string(sluice::kProgressRow)});
  if (row && row->front()) progress.ParseFromString(*row->front());
  progress.set_format(sluice::kStoreFormat);
  progress.set_generation(1);
  progress.set_partition(3);
  progress.set_partition_count(8);
  auto rush_is_over = Clock::now();
  while (true) {
    const bool in_rush = rush-- > 0;
    if (in_rush) rush_is_over = Clock::now() + std::chrono::milliseconds(1'100);
    const std::string filling(in_rush ? kRushRowBytes : kRowBytes, '.');
    progress.set_next_offset(progress.next_offset() + 1);
    sluice::RowWrites writes;
    // The position stands first, so that a batch which is not atomic shows.
    writes.puts.emplace_back(sluice::kProgressRow, progress.SerializeAsString());
    for (std::uint64_t i = 0; i < kStateRows; ++i) {
      writes.puts.emplace_back(sluice::order_row(i), std::to_string(progress.next_offset()) + filling);
    }
    writes.puts.emplace_back(sluice::payment_row(std::to_string(progress.next_offset())), "");
    writes.puts.emplace_back(sluice::chunk_row(1), std::to_string(progress.next_offset()) + filling);
    if (auto written = (*store)->write(writes); !written) return 1;
    if (!in_rush && Clock::now() < rush_is_over) continue;
    const std::string line = fmt::format("{}\n", progress.next_offset());
    if (write(STDOUT_FILENO, line.data(), line.size()) < 0) return 1;
  }
}

}  // namespace

int main(int, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return write_for_ever(argv[1], std::atoi(argv[2]));
}
