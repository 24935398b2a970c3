#include "ingest/stock_board.h"

#include <gtest/gtest.h>

#include <random>

#include "schemas/partitioner.h"

namespace sluice {
namespace {

constexpr Generation kGeneration{3};
constexpr int kPartitions = 2;
constexpr const char* kSku = "mask-1";
const Partition kPartition = partition_of(kSku, kPartitions);
const Partition kOther{1 - kPartition.value};

Position at(Offset offset) { return Position::at(kGeneration, offset); }

v1::OrderRecord refusals(Offset first, Offset last) {
  v1::OrderRecord record;
  record.set_first_offset(static_cast<std::uint64_t>(first));
  record.set_last_offset(static_cast<std::uint64_t>(last));
  for (Offset i = first; i <= last; ++i) record.mutable_unchanged()->add_verdicts()->set_outcome(v1::REFUSED);
  return record;
}

// What a tiny ledger does to one SKU, as records.
class Sale {
 public:
  v1::OrderRecord define(Offset offset, const std::string& sale_id, std::uint32_t version = 1) {
    if (sale_id != terms_.sale_id()) counters_.Clear();
    terms_.Clear();
    terms_.set_sku(kSku);
    terms_.set_sale_id(sale_id);
    terms_.set_version(version);
    terms_.set_title("Masks, version " + std::to_string(version));
    terms_.set_currency("EUR");
    for (int i = 0; i < 4; ++i) {
      v1::Slot& slot = *terms_.add_slots();
      slot.set_opens_ms(1000 * (i + 1));
      slot.set_closes_ms(1000 * (i + 1) + 500);
      slot.set_quantity(10);
    }
    counters_.set_sale_id(sale_id);
    v1::OrderRecord record = change(offset);
    *record.mutable_change()->mutable_sale_defined()->mutable_sale() = terms_;
    return record;
  }
  v1::OrderRecord open(Offset offset, std::uint32_t slot) {
    counters_.set_available(counters_.available() + 10);
    v1::OrderRecord record = change(offset);
    record.mutable_change()->mutable_only_slots_opened();
    record.mutable_change()->add_slots_opened()->set_index(slot);
    return record;
  }
  v1::OrderRecord reserve(Offset offset) {
    counters_.set_available(counters_.available() - 1);
    counters_.set_held(counters_.held() + 1);
    v1::OrderRecord record = change(offset);
    record.mutable_change()->mutable_reserved();
    return record;
  }
  v1::OrderRecord freeze(Offset offset, bool on) {
    v1::OrderRecord record = change(offset);
    record.mutable_change()->mutable_frozen()->set_on(on);
    return record;
  }
  std::string sale_id() const { return terms_.sale_id(); }

 private:
  v1::OrderRecord change(Offset offset) const {
    v1::OrderRecord record;
    record.set_first_offset(static_cast<std::uint64_t>(offset));
    record.set_last_offset(static_cast<std::uint64_t>(offset));
    record.set_log_time_ms(10 * offset);
    record.mutable_change()->set_sku(kSku);
    *record.mutable_change()->mutable_counters() = counters_;
    return record;
  }

  v1::DefineSale terms_;
  v1::Counters counters_;
};

StockBoard board() { return {kGeneration, kPartitions, 100}; }

StoredStocks stored(Offset covered_to, std::vector<SkuStock> rows = {}) {
  StoredStocks stocks{std::vector<std::optional<Position>>(kPartitions), std::move(rows)};
  stocks.covered_to.at(static_cast<std::size_t>(kPartition.value)) = at(covered_to);
  return stocks;
}

SkuStock row(Offset version) {
  SkuStock row;
  row.version = at(version);
  row.terms.set_sku(kSku);
  row.terms.set_sale_id("spring");
  row.counters.set_sale_id("spring");
  row.counters.set_available(version);
  return row;
}

TEST(StockBoard, TellsASaleAsItsRecordsLeftIt) {
  StockBoard stocks = board();
  Sale sale;
  stocks.take(kPartition, sale.define(0, "spring"));
  stocks.take(kPartition, sale.open(1, 0));
  stocks.take(kPartition, refusals(2, 7));
  stocks.take(kPartition, sale.reserve(8));
  stocks.take(kPartition, sale.freeze(9, true));
  stocks.reached_end(kPartition);
  const auto found = stocks.find(kSku);
  ASSERT_EQ(found.known, StockBoard::Known::kFound);
  EXPECT_EQ(found.stock->version, at(9));
  EXPECT_EQ(found.stock->log_time, 90);
  EXPECT_EQ(found.stock->terms.title(), "Masks, version 1");
  EXPECT_EQ(found.stock->counters.available(), 9);
  EXPECT_EQ(found.stock->counters.held(), 1);
  EXPECT_EQ(found.stock->opened_slots, 1);
  EXPECT_TRUE(found.stock->frozen);
  stocks.take(kPartition, sale.freeze(10, false));
  EXPECT_FALSE(stocks.find(kSku).stock->frozen);
}

TEST(StockBoard, SaysThatThereIsNoSuchSkuOnlyAfterAllOfItsPartitionWasRead) {
  StockBoard stocks = board();
  EXPECT_EQ(stocks.find(kSku).known, StockBoard::Known::kNotYet);
  stocks.take(kPartition, refusals(0, 5));
  EXPECT_EQ(stocks.find(kSku).known, StockBoard::Known::kNotYet) << "the record that defines it may come";
  stocks.reached_end(kOther);
  EXPECT_EQ(stocks.find(kSku).known, StockBoard::Known::kNotYet) << "that was another partition";
  stocks.reached_end(kPartition);
  EXPECT_EQ(stocks.find(kSku).known, StockBoard::Known::kNoSuchSku);
}

TEST(StockBoard, KnowsThatAnEmptyPartitionHasNothing) {
  StockBoard stocks = board();
  stocks.reached_end(kPartition);
  EXPECT_EQ(stocks.find(kSku).known, StockBoard::Known::kNoSuchSku);
  EXPECT_FALSE(stocks.needs_stored());
}

TEST(StockBoard, TakesTheTimeBeforeItsFirstRecordFromTheSharedView) {
  StockBoard stocks = board();
  stocks.take(kPartition, refusals(50, 60));
  stocks.reached_end(kPartition);
  EXPECT_EQ(stocks.find(kSku).known, StockBoard::Known::kNotYet);
  EXPECT_TRUE(stocks.needs_stored());
  stocks.take(stored(49, {row(20)}));
  EXPECT_EQ(stocks.find(kSku).known, StockBoard::Known::kNotYet) << "intent 49 may have changed it";
  EXPECT_TRUE(stocks.needs_stored());
  stocks.take(stored(50, {row(49)}));
  EXPECT_FALSE(stocks.needs_stored());
  ASSERT_EQ(stocks.find(kSku).known, StockBoard::Known::kFound);
  EXPECT_EQ(stocks.find(kSku).stock->counters.available(), 49);
}

TEST(StockBoard, DoesNotTellOfASkuWhoseRowTheSharedViewHasLost) {
  StockBoard stocks = board();
  Sale sale;
  sale.define(0, "spring");
  stocks.take(kPartition, sale.open(50, 0));
  stocks.reached_end(kPartition);
  stocks.reached_end(kOther);
  stocks.take(stored(60));
  EXPECT_EQ(stocks.find(kSku).known, StockBoard::Known::kNotYet);
  EXPECT_TRUE(stocks.list(10).empty());
}

TEST(StockBoard, DoesNotTrustAPromiseOfAnotherGeneration) {
  StockBoard stocks = board();
  stocks.take(kPartition, refusals(50, 60));
  stocks.reached_end(kPartition);
  StoredStocks old = stored(0);
  old.covered_to.at(static_cast<std::size_t>(kPartition.value)) = Position::at(Generation{2}, 5000);
  stocks.take(old);
  EXPECT_EQ(stocks.find(kSku).known, StockBoard::Known::kNotYet);
}

void expect_same(const StockBoard& part, const SkuStock& expected) {
  const auto found = part.find(kSku);
  ASSERT_EQ(found.known, StockBoard::Known::kFound);
  EXPECT_EQ(found.stock->version, expected.version);
  EXPECT_EQ(found.stock->terms.SerializeAsString(), expected.terms.SerializeAsString());
  EXPECT_EQ(found.stock->counters.SerializeAsString(), expected.counters.SerializeAsString());
  EXPECT_EQ(found.stock->opened_slots, expected.opened_slots);
  EXPECT_EQ(found.stock->frozen, expected.frozen);
}

// Every beginning of the tail, every moment of the shared view from there on, before, between and after the records: always the
// same as if all had been read.
TEST(StockBoard, PutsTheSharedViewAndTheRecordsTogetherWhereverTheyMeet) {
  constexpr Offset kLength = 40;
  std::mt19937_64 random(7);
  for (int round = 0; round < 20; ++round) {
    Sale sale;
    std::vector<v1::OrderRecord> log = {sale.define(0, "spring")};
    std::uint32_t slot = 0;
    for (Offset offset = 1; offset < kLength; ++offset) {
      const auto dice = random() % 10;
      if (dice == 0) {
        log.push_back(sale.define(offset, sale.sale_id(), static_cast<std::uint32_t>(offset + 1)));
      } else if (dice == 1) {
        slot = 0;
        log.push_back(sale.define(offset, "sale-" + std::to_string(offset)));
      } else if (dice == 2 && slot < 4) {
        log.push_back(sale.open(offset, slot++));
      } else if (dice < 5) {
        log.push_back(sale.freeze(offset, random() % 2 == 0));
      } else if (dice < 7) {
        log.push_back(refusals(offset, offset));
      } else {
        log.push_back(sale.reserve(offset));
      }
    }
    std::vector<SkuStock> moments;  // after n records
    StockBoard whole = board();
    for (const v1::OrderRecord& record : log) {
      whole.take(kPartition, record);
      whole.reached_end(kPartition);
      moments.push_back(*whole.find(kSku).stock);
    }
    for (Offset begin = 1; begin < kLength; ++begin) {
      const Offset shown = begin + static_cast<Offset>(random() % static_cast<std::uint64_t>(kLength - begin + 1));
      const Offset loaded = begin + static_cast<Offset>(random() % static_cast<std::uint64_t>(kLength - begin));
      StockBoard part = board();
      part.reached_end(kPartition);
      for (Offset offset = begin; offset < kLength; ++offset) {
        part.take(kPartition, log.at(static_cast<std::size_t>(offset)));
        if (offset == loaded) part.take(stored(shown, {moments.at(static_cast<std::size_t>(shown - 1))}));
        if (offset < loaded) continue;
        SCOPED_TRACE("round " + std::to_string(round) + ", the tail begins at " + std::to_string(begin) + " and is at " +
                     std::to_string(offset) + ", the view is of before " + std::to_string(shown) + " and came after " +
                     std::to_string(loaded));
        expect_same(part, moments.at(static_cast<std::size_t>(std::max(offset, shown - 1))));
        if (HasFailure()) return;
      }
    }
  }
}

TEST(StockBoard, ListsTheFirstSkusInOrder) {
  StockBoard stocks = board();
  StoredStocks all{std::vector<std::optional<Position>>(kPartitions)};
  for (const char* sku : {"c", "a", "d", "b"}) {
    all.rows.push_back(row(1));
    all.rows.back().terms.set_sku(sku);
  }
  stocks.take(all);
  stocks.reached_end(kPartition);
  EXPECT_FALSE(stocks.complete());
  stocks.reached_end(kOther);
  ASSERT_TRUE(stocks.complete());
  const auto first = stocks.list(3);
  ASSERT_EQ(first.size(), 3U);
  EXPECT_EQ(first[0]->terms.sku() + first[1]->terms.sku() + first[2]->terms.sku(), "abc");
}

TEST(StockBoard, KeepsABoundedNumberOfSkusAndDoesNotDenyTheRest) {
  StockBoard stocks(kGeneration, kPartitions, 2);
  for (Offset offset = 0; offset < 5; ++offset) {
    Sale sale;
    v1::OrderRecord record = sale.define(offset, "spring");
    record.mutable_change()->set_sku("sku-" + std::to_string(offset));
    record.mutable_change()->mutable_sale_defined()->mutable_sale()->set_sku("sku-" + std::to_string(offset));
    stocks.take(kPartition, record);
  }
  stocks.reached_end(kPartition);
  stocks.reached_end(kOther);
  EXPECT_EQ(stocks.list(10).size(), 2U);
  EXPECT_EQ(stocks.find("sku-1").known, StockBoard::Known::kFound);
  EXPECT_EQ(stocks.find("sku-4").known, StockBoard::Known::kNotKept);
  EXPECT_TRUE(stocks.cut());
}

TEST(SkuStock, IsOnSaleWhileASlotIsOpenAndNobodyHasStoppedIt) {
  SkuStock stock;
  v1::Slot& slot = *stock.terms.add_slots();
  slot.set_opens_ms(1000);
  slot.set_closes_ms(2000);
  EXPECT_FALSE(stock.is_on_sale(999));
  EXPECT_TRUE(stock.is_on_sale(1000));
  EXPECT_TRUE(stock.is_on_sale(1999));
  EXPECT_FALSE(stock.is_on_sale(2000));
  stock.frozen = true;
  EXPECT_FALSE(stock.is_on_sale(1500));
}

}  // namespace
}  // namespace sluice
