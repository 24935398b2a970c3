#include "ledger/restore.h"

#include <gtest/gtest.h>

#include "ledger/ledger.h"
#include "ledger/store_rows.h"
#include "tests/ledger/intent_samples.h"
#include "tests/ledger/rows_in_memory.h"

namespace sluice {
namespace {

const LedgerIdentity kIdentity{.partition = {0}, .generation = {1}, .partition_count = 1};

using Rows = RowsInMemory::Rows;

// A ledger that has decided `intents`, with the rows that it would have written.
Rows decide(Ledger& ledger, const std::vector<std::string>& intents) {
  std::vector<IntentMessage> messages;
  for (const std::string& bytes : intents) {
    messages.push_back({ledger.state().next + static_cast<Offset>(messages.size()), 1000, bytes});
  }
  WorkingSet working;
  const Result<LedgerBatch> batch = ledger.decide(messages, working, true);
  Rows rows;
  for (const auto& [key, value] : batch->rows.puts) rows[key] = value;
  return rows;
}

Result<void> restore(Rows rows, Ledger& ledger) {
  RowsInMemory store(rows);
  return Restorer(ledger.state_to_restore()).read(store);
}

TEST(RestoreTest, DecidesOnAsTheLedgerBeforeItWouldHave) {
  Ledger before(kIdentity);
  const Rows rows =
      decide(before, {sale_bytes(3), purchase_bytes("alice", "k1", "mask", 2), purchase_bytes("alice", "k1", "mask", 2)});
  Ledger after(kIdentity);
  ASSERT_TRUE(restore(rows, after).ok());

  const std::vector<std::string> next = {purchase_bytes("alice", "k1", "mask", 2), purchase_bytes("alice", "k2"),
                                         purchase_bytes("bob", "k1"), purchase_bytes("carol", "k1")};
  EXPECT_EQ(decide(after, next), decide(before, next));
  EXPECT_EQ(after.state().digest, before.state().digest);
}

TEST(RestoreTest, RefusesRowsThatCannotBeRead) {
  Ledger before(kIdentity);
  Rows rows = decide(before, {sale_bytes(3)});
  rows[line_row("mask")] = "\xff\xff";
  Ledger after(kIdentity);
  const Result<void> restored = restore(rows, after);
  ASSERT_FALSE(restored.ok());
  EXPECT_EQ(restored.error().kind, Error::Kind::kDamaged) << "it is set aside and built again";
}

TEST(RestoreTest, RefusesRowsOfWhichSomeAreMissing) {
  Ledger before(kIdentity);
  Rows rows = decide(before, {sale_bytes(3), purchase_bytes("alice", "k1", "mask", 2)});
  ASSERT_EQ(std::erase_if(rows, [](const auto& row) { return row.first.starts_with(kChunkRows); }), 1U);
  Ledger after(kIdentity);
  const Result<void> restored = restore(rows, after);
  ASSERT_FALSE(restored.ok()) << "an accepted order is not there";
  EXPECT_EQ(restored.error().kind, Error::Kind::kDamaged);
  EXPECT_NE(restored.error().message.find("0 held and 0 sold units of mask, but counts 2 and 0"), std::string::npos)
      << restored.error().message;
}

TEST(RestoreTest, RefusesAnOrderThatIsOlderThanTheCounters) {
  Ledger before(kIdentity);
  Rows rows = decide(before, {sale_bytes(3), purchase_bytes("alice", "k1", "mask", 2)});
  const Rows later = decide(before, {purchase_bytes("bob", "k1")});
  rows[line_row("mask")] = later.at(line_row("mask"));
  Ledger after(kIdentity);
  const Result<void> restored = restore(rows, after);
  ASSERT_FALSE(restored.ok());
  EXPECT_EQ(restored.error().kind, Error::Kind::kDamaged);
}

}  // namespace
}  // namespace sluice
