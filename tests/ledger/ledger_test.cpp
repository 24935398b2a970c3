#include "ledger/ledger.h"

#include <gtest/gtest.h>

#include "ledger/row_fetch.h"
#include "schemas/intent_route.h"
#include "tests/ledger/intent_samples.h"

namespace sluice {
namespace {

const LedgerIdentity kIdentity{.partition = {0}, .generation = {1}, .partition_count = 1};

Result<LedgerBatch> decide(Ledger& ledger, const std::vector<std::string>& intents) {
  std::vector<IntentMessage> messages;
  for (const std::string& bytes : intents) {
    messages.push_back({ledger.state().next + static_cast<Offset>(messages.size()), 1000, bytes});
  }
  WorkingSet rows;
  return ledger.decide(messages, rows, true);
}

v1::OrderRecord only_record(const Result<LedgerBatch>& batch) {
  v1::OrderRecord record;
  EXPECT_EQ(batch->records.size(), 1U);
  EXPECT_TRUE(record.ParseFromString(std::string(batch->records.front().bytes)));
  return record;
}

std::string newer_kind() {
  v1::Intent intent;
  intent.set_magic(kIntentMagic);
  intent.GetReflection()->MutableUnknownFields(&intent)->AddLengthDelimited(15, "a kind of tomorrow");
  return intent.SerializeAsString();
}

TEST(LedgerTest, RefusesWhatBelongsToAnotherPartition) {
  const int partition_count = 8;
  const Partition elsewhere{(route_of(
                                 [] {
                                   v1::Intent intent;
                                   intent.ParseFromString(purchase_bytes("alice", "k1"));
                                   return intent;
                                 }(),
                                 partition_count)
                                 .value +
                             1) %
                            partition_count};
  Ledger ledger({.partition = elsewhere, .generation = {1}, .partition_count = partition_count});
  const v1::OrderRecord record = only_record(decide(ledger, {purchase_bytes("alice", "k1")}));
  EXPECT_EQ(record.unchanged().verdicts(0).reason(), v1::WRONG_PARTITION);
}

// Dues that release a thousand orders each; here amendments of a long sale, which are quicker to make.
TEST(LedgerTest, EndsABatchWhoseRecordsAreLargeBeforeItHasDecidedEveryIntent) {
  v1::Intent amendment;
  amendment.ParseFromString(sale_bytes(3));
  for (int hour = 1; hour < kSlotsMax; ++hour) {
    v1::Slot& slot = *amendment.mutable_define_sale()->add_slots();
    slot.set_opens_ms(hour * 3'600'000);
    slot.set_closes_ms((hour + 1) * 3'600'000);
    slot.set_quantity(3);
  }
  std::vector<std::string> intents;
  for (std::size_t bytes = 0; bytes < 2 * Ledger::kRecordBytesMax; bytes += intents.back().size()) {
    amendment.mutable_define_sale()->set_version(static_cast<std::uint32_t>(intents.size()) + 1);
    intents.push_back(amendment.SerializeAsString());
  }
  Ledger ledger(kIdentity);
  int decided = 0;
  while (decided < static_cast<int>(intents.size())) {
    const Result<LedgerBatch> batch = decide(ledger, {intents.begin() + decided, intents.end()});
    ASSERT_TRUE(batch.ok());
    std::size_t bytes = 0;
    for (const EncodedRecord record : batch->records) bytes += record.bytes.size();
    EXPECT_LT(bytes, Ledger::kRecordBytesMax + (1 << 20)) << "a record more than the bound at most";
    ASSERT_GT(batch->decided, 0);
    decided += batch->decided;
  }
  EXPECT_EQ(ledger.state().find_line("mask")->stock.sale.version(), intents.size());
}

TEST(LedgerTest, StopsBeforeAnIntentOfANewerKindAndSaysWhatToDo) {
  Ledger ledger(kIdentity);
  const Result<LedgerBatch> before = decide(ledger, {sale_bytes(3), newer_kind(), purchase_bytes("alice", "k1")});
  ASSERT_TRUE(before.ok());
  EXPECT_EQ(before->decided, 1);
  EXPECT_EQ(ledger.state().next, 1);

  const Result<LedgerBatch> at = decide(ledger, {newer_kind()});
  ASSERT_FALSE(at.ok());
  EXPECT_EQ(at.error().kind, Error::Kind::kFatal);
  EXPECT_NE(at.error().message.find("intent 1 of partition 0"), std::string::npos);
  EXPECT_NE(at.error().message.find("upgrade"), std::string::npos);
}

// Protobuf takes the last of several kinds. A lane that fetched for the first one would wait for rows that nobody asks for.
TEST(LedgerTest, FetchesWhatTheLastOfTwoKindsNeeds) {
  v1::Intent pay;
  pay.mutable_pay()->set_payment_id("p1");
  const std::string bytes = purchase_bytes("alice", "k1") + pay.SerializeAsString();
  const std::vector<IntentMessage> intents = {{0, 1000, bytes}};
  const Ledger ledger(kIdentity);
  EXPECT_EQ(missing_rows(ledger.state(), intents, {}).size(), 1U);
}

TEST(LedgerTest, PutsNeighbouringRefusalsIntoOneRecord) {
  Ledger ledger(kIdentity);
  const Result<LedgerBatch> batch = decide(ledger, {purchase_bytes("alice", "k1"), "garbage", purchase_bytes("bob", "k1")});
  const v1::OrderRecord record = only_record(batch);
  EXPECT_EQ(record.first_offset(), 0U);
  EXPECT_EQ(record.last_offset(), 2U);
  EXPECT_EQ(record.unchanged().verdicts_size(), 3);
  EXPECT_TRUE(batch->records.front().sku.empty());
}

TEST(LedgerTest, KeysTheRecordOfAChangeByItsSku) {
  Ledger ledger(kIdentity);
  const Result<LedgerBatch> batch = decide(ledger, {sale_bytes(3)});
  EXPECT_EQ(batch->records.front().sku, "mask");
}

TEST(LedgerTest, LeavesOnlyHowStockStandsForAViewThatIsBehind) {
  Ledger ledger(kIdentity);
  const std::string sale = sale_bytes(3);
  const std::string purchase = purchase_bytes("alice", "k1");
  const std::vector<IntentMessage> messages = {{0, 1000, sale}, {1, 1000, purchase}};
  WorkingSet rows;
  const Result<LedgerBatch> batch = ledger.decide(messages, rows, /*view_wanted=*/false);
  EXPECT_EQ(batch->view.stocks.size(), 1U);
  EXPECT_TRUE(batch->view.orders.empty());
  EXPECT_FALSE(batch->view.complete);
  EXPECT_FALSE(batch->rows.puts.empty());
}

TEST(LedgerTest, RefusesToRedoARecordThatDoesNotContinueTheDigestChain) {
  Ledger decider(kIdentity);
  v1::OrderRecord record = only_record(decide(decider, {sale_bytes(3)}));
  record.mutable_change()->mutable_counters()->set_available(4);
  record.mutable_change()->mutable_counters()->set_defined(4);
  Ledger redoer(kIdentity);
  Effects effects(true);
  const Result<void> redone = redoer.redo(record, effects);
  ASSERT_FALSE(redone.ok());
  EXPECT_EQ(redone.error().kind, Error::Kind::kFatal);
}

TEST(LedgerTest, RefusesToRedoARecordThatLacksVerdicts) {
  v1::OrderRecord record;  // of intents 0 to 9, and says nothing about them: the digest of nothing stays as it was
  record.set_last_offset(9);
  record.set_rules_version(1);
  record.set_digest(kDigestOfNothing);
  Ledger redoer(kIdentity);
  Effects effects(true);
  ASSERT_FALSE(redoer.redo(record, effects).ok());
  EXPECT_EQ(redoer.state().next, 0);
}

TEST(LedgerTest, RefusesToRedoWhatNewerRulesDecided) {
  Ledger decider(kIdentity);
  v1::OrderRecord record = only_record(decide(decider, {sale_bytes(3)}));
  record.set_rules_version(record.rules_version() + 1);
  Ledger redoer(kIdentity);
  Effects effects(true);
  EXPECT_FALSE(redoer.redo(record, effects).ok());
}

TEST(LedgerTest, GivesAClickStormOnlyAFewAliases) {
  Ledger ledger(kIdentity);
  std::vector<std::string> intents = {sale_bytes(3)};
  for (std::uint32_t i = 0; i < 2 * kAliasesPerOrderMax; ++i) intents.push_back(purchase_bytes("alice", "k1"));
  const Result<LedgerBatch> batch = decide(ledger, intents);
  const auto aliases = std::ranges::count_if(batch->rows.puts, [](const auto& put) { return put.first.front() == 'a'; });
  EXPECT_EQ(aliases, kAliasesPerOrderMax);
  EXPECT_EQ(batch->view.aliases_whole_from, batch->view.next) << "the last one has none";
}

TEST(LedgerTest, RedoesAVoidedRangeByMovingOnAndNothingElse) {
  Ledger ledger(kIdentity);
  ASSERT_TRUE(decide(ledger, {sale_bytes(3), purchase_bytes("alice", "k1")}).ok());
  const LedgerState& state = ledger.state();
  const UnixMillis log_time = state.log_time;
  const std::uint64_t order = kIdentity.ticket(1).value;
  ASSERT_TRUE(state.held_order(order).has_value());
  v1::OrderRecord record;
  record.set_first_offset(2);
  record.set_last_offset(1'000'000'000'000);  // nobody may count them one by one
  record.set_log_time_ms(log_time);
  record.mutable_voided()->set_reason("a broker lost its disk");
  record.set_digest(digest_after(state.digest, record));
  Effects effects(true);
  const Result<void> redone = ledger.redo(record, effects);
  ASSERT_TRUE(redone.ok()) << redone.error().message;
  EXPECT_EQ(state.next, 1'000'000'000'001);
  EXPECT_EQ(state.digest, record.digest());
  EXPECT_EQ(state.log_time, log_time);
  EXPECT_TRUE(state.held_order(order).has_value());
  EXPECT_TRUE(decide(ledger, {purchase_bytes("bob", "k1")}).ok()) << "it goes on behind the gap";
}

}  // namespace
}  // namespace sluice
