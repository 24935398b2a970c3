#include "tests/reaper/memory_world.h"

#include <gtest/gtest.h>

#include <span>

#include "ledger/row_fetch.h"
#include "schemas/intent_format.h"
#include "tests/ledger/rows_in_memory.h"

namespace sluice {
namespace {

constexpr UnixMillis kDay = 24 * 3600 * 1000;
constexpr std::uint32_t kPlenty = 1'000'000;

v1::Intent new_intent() {
  v1::Intent intent;
  intent.set_magic(kIntentMagic);
  return intent;
}

}  // namespace

Offset MemoryWorld::append(const std::string& bytes) {
  v1::Intent intent;
  if (intent.ParseFromString(bytes) && intent.has_due()) ++dues_;
  intents_.push_back(bytes);
  intent_times_.push_back(now_);
  return static_cast<Offset>(intents_.size()) - 1;
}

Offset MemoryWorld::define(const std::string& sku, std::uint32_t version, std::uint32_t hold_seconds,
                           const std::vector<UnixMillis>& opens) {
  v1::Intent intent = new_intent();
  v1::DefineSale& sale = *intent.mutable_define_sale();
  sale.set_sku(sku);
  sale.set_sale_id("sale");
  sale.set_version(version);
  sale.set_title("Masks");
  sale.set_price_minor(100);
  sale.set_currency("EUR");
  sale.set_limit_per_user(1000);
  sale.set_hold_seconds(hold_seconds);
  sale.set_late_payment(v1::LATE_PAYMENT_REFUND);
  for (std::size_t i = 0; i < opens.size(); ++i) {
    v1::Slot& slot = *sale.add_slots();
    slot.set_opens_ms(opens[i]);
    slot.set_closes_ms(i + 1 < opens.size() ? opens[i + 1] : now_ + 400 * kDay);
    slot.set_quantity(kPlenty);
  }
  return append(intent);
}

Ticket MemoryWorld::buy(const std::string& sku, const std::string& user) {
  v1::Intent intent = new_intent();
  v1::Purchase& purchase = *intent.mutable_purchase();
  purchase.set_sku(sku);
  purchase.set_user(user);
  purchase.set_request_key("k" + std::to_string(intents_.size()));
  purchase.set_quantity(1);
  return Ticket::of(kPartition, Position::at(kGeneration, append(intent)));
}

Offset MemoryWorld::pay(Ticket order, const std::string& payment) {
  v1::Intent intent = new_intent();
  v1::Pay& pay = *intent.mutable_pay();
  pay.set_order(order.value);
  pay.set_payment_id(payment);
  pay.set_amount_minor(100);
  pay.set_currency("EUR");
  return append(intent);
}

Offset MemoryWorld::cancel(Ticket order, const std::string& user) {
  v1::Intent intent = new_intent();
  intent.mutable_cancel()->set_order(order.value);
  intent.mutable_cancel()->set_user(user);
  return append(intent);
}

void MemoryWorld::rule(std::size_t count_max) {
  std::vector<IntentMessage> waiting;
  for (auto i = static_cast<std::size_t>(ledger_.state().next); i < intents_.size() && waiting.size() < count_max; ++i) {
    waiting.push_back({static_cast<Offset>(i), intent_times_[i], intents_[i]});
  }
  RowsInMemory store(rows_);
  for (std::span<const IntentMessage> rest = waiting; !rest.empty();) {
    WorkingSet working;
    for (auto missing = missing_rows(ledger_.state(), rest, working); !missing.empty();
         missing = missing_rows(ledger_.state(), rest, working)) {
      ASSERT_TRUE(fetch_rows(store, missing, working));
    }
    const auto batch = ledger_.decide(rest, working, /*view_wanted=*/false);
    ASSERT_TRUE(batch) << batch.error().message;
    ASSERT_TRUE(store.write(batch->rows));
    for (const EncodedRecord encoded : batch->records) {
      MemoryRecord& record = orders_.emplace_back(MemoryRecord{std::string(encoded.bytes), now_, {}});
      ASSERT_TRUE(record.record.ParseFromString(record.bytes));
    }
    rest = rest.subspan(static_cast<std::size_t>(batch->decided));
  }
}

Result<void> MemoryOrdersFeed::start(Partition, std::int64_t log_offset) {
  starts.push_back(log_offset);
  next_ = log_offset;
  return {};
}

Result<FedBatch> MemoryOrdersFeed::poll(int count_max, std::chrono::milliseconds wait) {
  last_wait = wait;
  records_.clear();
  ends_.clear();
  if (std::exchange(fails_once, false)) return Error::retryable("planned");
  if (!next_ || stands_still) return FedBatch{};
  const std::vector<MemoryRecord>& orders = world_.orders();
  for (auto i = static_cast<std::size_t>(*next_ + 1) / 2; i < orders.size(); ++i) {
    if (records_.size() == static_cast<std::size_t>(count_max)) return FedBatch{records_, ends_};
    const auto log_offset = 2 * static_cast<std::int64_t>(i);
    records_.push_back({MemoryWorld::kPartition, log_offset, orders[i].append_time, orders[i].bytes});
    next_ = log_offset + 1;
  }
  ends_.push_back({MemoryWorld::kPartition, end()});
  return FedBatch{records_, ends_};
}

Result<void> MemoryDueAppender::append(Partition partition, const v1::Due& due, std::uint64_t id) {
  EXPECT_EQ(partition, MemoryWorld::kPartition);
  dues.push_back(due);
  const Fate end = fate();
  if (end == Fate::kNotTaken) return Error::retryable("planned");
  v1::Intent intent = new_intent();
  *intent.mutable_due() = due;
  std::optional<Offset> offset;
  if (end != Fate::kNotWritten) offset = world_.append(intent);
  ended_.push_back({id, end == Fate::kWritten ? offset : std::nullopt});
  return {};
}

Result<std::span<const DueWritten>> MemoryDueAppender::poll() {
  told_ = std::exchange(ended_, {});
  return std::span<const DueWritten>(told_);
}

}  // namespace sluice
