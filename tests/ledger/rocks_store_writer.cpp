// The child that rocks_store_test kills: writes batches to the store in the folder argv[1] for ever, and says the number of
// each on standard output once its write has returned. Batch n sets the position to n and every state row to n.

#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <string>

#include "ledger/rocks_store.h"
#include "ledger/store_rows.h"
#include "ledger/stored.pb.h"

namespace {

constexpr std::uint64_t kStateRows = 20;

int write_for_ever(const std::string& directory) {
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
  while (true) {
    progress.set_next_offset(progress.next_offset() + 1);
    sluice::RowWrites writes;
    // The position stands first, so that a batch which is not atomic shows.
    writes.puts.emplace_back(sluice::kProgressRow, progress.SerializeAsString());
    for (std::uint64_t i = 0; i < kStateRows; ++i) {
      writes.puts.emplace_back(sluice::order_row(i), std::to_string(progress.next_offset()) + std::string(500, '.'));
    }
    if (auto written = (*store)->write(writes); !written) return 1;
    const std::string line = fmt::format("{}\n", progress.next_offset());
    if (write(STDOUT_FILENO, line.data(), line.size()) < 0) return 1;
  }
}

}  // namespace

int main(int, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return write_for_ever(argv[1]);
}
