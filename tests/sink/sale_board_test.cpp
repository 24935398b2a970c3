#include "sink/sale_board.h"

#include <gmock/gmock.h>

#include "tests/sink/sample_log.h"

namespace sluice {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr Partition kPartition{3};
constexpr Generation kGeneration{1};

void apply(SaleBoard& board, const SampleLog& log, std::size_t from = 0) {
  for (std::size_t i = from; i < log.records().size(); ++i) {
    const v1::OrderRecord& record = log.records()[i];
    board.apply(Position::at(kGeneration, static_cast<Offset>(record.last_offset())), record.log_time_ms(), record.change());
  }
}

TEST(SaleBoard, KeepsTermsAndWhatTheLastChangeSays) {
  SampleLog log(kPartition);
  log.define("mask");
  log.reserve();
  log.freeze("mask", true);
  SaleBoard board(kPartition, {});
  apply(board, log);
  const SaleRow* row = board.find("mask");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->partition, kPartition);
  EXPECT_EQ(row->version, Position::at(kGeneration, 2));
  EXPECT_EQ(row->changed, SampleLog::kBegin + 2);
  EXPECT_EQ(row->sale.sale_id(), "spring");
  EXPECT_EQ(row->opened_slots, 1);
  EXPECT_TRUE(row->frozen);
  EXPECT_EQ(row->counters.available(), 98);
}

TEST(SaleBoard, AnAmendmentKeepsWhatOpenedAndWhatIsFrozen) {
  SampleLog log(kPartition);
  log.define("mask");
  log.freeze("mask", true);
  log.define("mask", 5, 40, "spring", 2);
  SaleBoard board(kPartition, {});
  apply(board, log);
  EXPECT_EQ(board.find("mask")->sale.slots_size(), 5);
  EXPECT_EQ(board.find("mask")->opened_slots, 1);
  EXPECT_TRUE(board.find("mask")->frozen);
}

TEST(SaleBoard, AnotherSaleOfTheSkuBeginsAnew) {
  SampleLog log(kPartition);
  log.define("mask");
  log.open_and_refuse("mask", 1, v1::SOLD_OUT);
  log.freeze("mask", true);
  log.define("mask", 3, 40, "autumn");
  SaleBoard board(kPartition, {});
  apply(board, log);
  EXPECT_EQ(board.find("mask")->sale.sale_id(), "autumn");
  EXPECT_EQ(board.find("mask")->opened_slots, 1);
  EXPECT_FALSE(board.find("mask")->frozen);
}

TEST(SaleBoard, TellsWhatChangedSinceItWasStored) {
  SampleLog log(kPartition);
  log.define("mask");
  log.define("soap");
  SaleBoard board(kPartition, {});
  apply(board, log);
  EXPECT_THAT(board.changed(), SizeIs(2));
  board.forget_changes();
  EXPECT_THAT(board.changed(), IsEmpty());
  log.reserve("soap");
  apply(board, log, 2);
  ASSERT_THAT(board.changed(), SizeIs(1));
  EXPECT_EQ(board.changed()[0].sale.sku(), "soap");
}

TEST(SaleBoard, LeavesOutASkuWhoseDefinitionItNeverSaw) {
  SampleLog log(kPartition);
  log.reserve("mask");
  SaleBoard board(kPartition, {});
  apply(board, log);
  EXPECT_THAT(board.changed(), IsEmpty());
  EXPECT_EQ(board.find("mask"), nullptr);
}

TEST(SlotAt, ASlotBeginsWhenItOpensAndEndsBeforeItCloses) {
  SampleLog log(kPartition);
  log.define("mask", 2, 40);
  const v1::DefineSale& sale = log.change().sale_defined().sale();
  const UnixMillis opens = sale.slots(0).opens_ms();
  EXPECT_EQ(slot_at(sale, opens - 1), -1);
  EXPECT_EQ(slot_at(sale, opens), 0);
  EXPECT_EQ(slot_at(sale, opens + 39), 0);
  EXPECT_EQ(slot_at(sale, opens + 40), -1);
  EXPECT_EQ(slot_at(sale, opens + 80), 1);
  EXPECT_EQ(slot_at(sale, opens + 120), -1);
  EXPECT_EQ(slot_at({}, opens), -1);
}

}  // namespace
}  // namespace sluice
