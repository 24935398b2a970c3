// Shell: any history, in any batches: the ledger rules as the brute-force model does (invariants I1 to I5, I8, I9); cut one by
// one it comes to the same digest and the same rows, and so does redoing the records (I6).
#include "ledger/ledger.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "ledger/row_fetch.h"
#include "runtime/check.h"
#include "schemas/partitioner.h"
#include "tests/fuzz/wishes.h"
#include "tests/ledger/orders_apart.h"
#include "tests/simulation/oracle/judge.h"

namespace {

using namespace sluice;
using fuzz::Wish;
using fuzz::Wishes;
using Rows = RowsInMemory::Rows;

const LedgerIdentity kIdentity{Wishes::kPartition, Wishes::kGeneration, Wishes::kPartitions};

struct Decided {
  Ledger ledger{kIdentity};
  Rows rows;
  std::vector<std::string> records;

  Rows orders_apart() const { return with_orders_apart(rows); }

  void decide(std::vector<IntentMessage> batch) {
    RowsInMemory store(rows);
    while (!batch.empty()) {
      WorkingSet working;
      for (auto missing = missing_rows(ledger.state(), batch, working); !missing.empty();
           missing = missing_rows(ledger.state(), batch, working)) {
        CHECK(fetch_rows(store, missing, working).ok());
      }
      Result<LedgerBatch> decided = ledger.decide(batch, working, true);
      CHECK(decided.ok() && decided->decided > 0);
      CHECK(store.write(std::move(decided->rows)).ok());
      for (const EncodedRecord record : decided->records) records.emplace_back(record.bytes);
      batch.erase(batch.begin(), batch.begin() + decided->decided);
    }
  }
};

Decided decide(const std::vector<Wish>& wishes, bool one_by_one) {
  Decided decided;
  std::vector<IntentMessage> batch;
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    batch.push_back({static_cast<Offset>(i), wishes[i].append_time, wishes[i].bytes});
    if (one_by_one || wishes[i].ends_batch || i + 1 == wishes.size()) decided.decide(std::exchange(batch, {}));
  }
  return decided;
}

void judge(const std::vector<Wish>& wishes, const std::vector<std::string>& records) {
  oracle::Judge judge({.partition = Wishes::kPartition.value,
                       .partition_count = Wishes::kPartitions,
                       .generation = Wishes::kGeneration.value,
                       .partition_of_key = [](std::string_view key) { return partition_of(key, Wishes::kPartitions).value; }});
  std::vector<oracle::Asked> asked;
  for (const Wish& wish : wishes) asked.push_back({wish.append_time, wish.bytes});
  v1::OrderRecord record;
  for (const std::string& bytes : records) {
    CHECK(record.ParseFromString(bytes));
    const std::string contradiction = judge.contradiction(record, asked);
    if (contradiction.empty()) continue;
    std::fprintf(stderr, "%s\n", contradiction.c_str());
    std::abort();
  }
  CHECK(judge.model().next() == static_cast<Offset>(wishes.size()));
}

Rows redo(const std::vector<std::string>& records) {
  Ledger ledger(kIdentity);
  Rows rows;
  RowsInMemory store(rows);
  v1::OrderRecord record;
  for (const std::string& bytes : records) {
    CHECK(record.ParseFromString(bytes));
    Effects effects(true);
    CHECK(ledger.redo(record, effects).ok());
    RowWrites writes;
    ViewChanges changes;
    std::move(effects).move_to(ledger.state(), writes, changes);
    CHECK(store.write(std::move(writes)).ok());
  }
  return with_orders_apart(rows);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::vector<Wish> wishes = Wishes::from(input);
  const Decided decided = decide(wishes, false);
  judge(wishes, decided.records);

  const Decided one_by_one = decide(wishes, true);
  CHECK(one_by_one.ledger.state().digest == decided.ledger.state().digest);
  CHECK(one_by_one.orders_apart() == decided.orders_apart());
  CHECK(redo(decided.records) == decided.orders_apart());
  return 0;
}
