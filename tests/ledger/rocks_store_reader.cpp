// A child of flipped_bits_test: starts from the store in the folder argv[1] as a lane does, and ends with 0 when it could be
// read, with 3 when it said that it is damaged, with 4 when it could be read and lacks rows of before its position, with 1 at
// other trouble. RocksDB may end it otherwise.

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <string>

#include "ledger/crash_note.h"
#include "ledger/rocks_store.h"
#include "ledger/store_rows.h"
#include "ledger/stored.pb.h"

namespace {

int code_of(const sluice::Error& error) {
  fmt::print(stderr, "{}\n", error.message);
  return error.kind == sluice::Error::Kind::kDamaged ? 3 : 1;
}

int read_all(const std::string& directory) {
  const sluice::StoreIdentity identity{sluice::Generation{1}, sluice::Partition{3}, 8};
  auto store = sluice::RocksStore::open({directory}, identity);
  if (!store) return code_of(store.error());
  sluice::v1::StoredProgress progress;
  std::map<char, std::int64_t> rows;
  const auto scanned = (*store)->scan("", [&](std::string_view key, std::string_view value) {
    if (key == sluice::kProgressRow) progress.ParseFromString(std::string(value));
    ++rows[key.front()];
    return true;
  });
  if (!scanned) return code_of(scanned.error());
  for (const std::string_view kind : {sluice::kOrderRows, sluice::kChunkRows}) {
    if (rows[kind.front()] != progress.next_offset()) return 4;
  }
  const auto written = (*store)->write({{{"o", "x"}}, {}});
  return written ? 0 : code_of(written.error());
}

}  // namespace

int main(int, char** argv) {
  sluice::leave_crash_notes();
  return read_all(argv[1]);
}
