// Shell: any values, and any keys of each kind, in the local store: a start reads them into memory or says that it cannot, and
// so does a fetch.
#include "ledger/store_rows.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ledger/restore.h"
#include "ledger/row_fetch.h"
#include "tests/fuzz/input.h"
#include "tests/ledger/rows_in_memory.h"

namespace {

using namespace sluice;

// The numbers in keys have fixed lengths: RocksDB's checksums keep these true, and what is behind them is ours.
std::string key_from(fuzz::Input& input) {
  std::string name(8, '\0');
  for (char& c : name) c = static_cast<char>(input.byte());
  switch (input.below(7)) {
    case 0:
      return std::string(kProgressRow);
    case 1:
      return std::string(kLineRows) + name;
    case 2:
      return std::string(kAdminKeyRows) + name + name;
    case 3:
      return std::string(kAliasRows) + name;
    case 4:
      return std::string(kOrderRows) + name;
    case 5:
      return std::string(kPaymentRows) + name;
    default:
      return std::string(kChunkRows) + name;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  RowsInMemory::Rows rows;
  std::vector<std::string> fetched;
  while (!input.is_empty()) {
    std::string key = key_from(input);
    if (key.starts_with(kOrderRows) || key.starts_with(kAliasRows) || key.starts_with(kPaymentRows)) fetched.push_back(key);
    rows[std::move(key)] = input.bytes(input.byte());
  }
  RowsInMemory store(rows);
  LedgerState state(LedgerIdentity{Partition{0}, Generation{1}, 1});
  Restorer restorer(state);
  static_cast<void>(restorer.read(store));
  WorkingSet working;
  static_cast<void>(fetch_rows(store, fetched, working));
  return 0;
}
