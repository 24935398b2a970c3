#include "ingest/public_reads.h"

#include <gmock/gmock.h>

#include "schemas/partitioner.h"
#include "tests/ingest/memory_ports.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;

constexpr Generation kGeneration{1};
constexpr int kPartitions = 2;
const Partition kPartition = partition_of("mask-1", kPartitions);

class PublicReadsTest : public ::testing::Test {
 protected:
  HttpAnswer read(std::string_view sku) { return reads_.on_request({Route::Kind::kReadSku, sku}, {}, now_); }
  HttpAnswer list() { return reads_.on_request({Route::Kind::kReadSales}, {}, now_); }

  void take(Offset offset, bool defines) {
    v1::OrderRecord record;
    record.set_first_offset(static_cast<std::uint64_t>(offset));
    record.set_last_offset(static_cast<std::uint64_t>(offset));
    v1::Change& change = *record.mutable_change();
    change.set_sku("mask-1");
    change.mutable_counters()->set_sale_id("spring");
    if (defines) change.mutable_sale_defined()->mutable_sale()->set_sku("mask-1");
    reads_.take(kPartition, record);
  }
  StoredStocks stored(Offset covered_to) const {
    StoredStocks stocks{std::vector<std::optional<Position>>(kPartitions, Position::at(kGeneration, covered_to))};
    SkuStock& row = stocks.rows.emplace_back();
    row.version = Position::at(kGeneration, 1);
    row.terms.set_sku("mask-1");
    row.counters.set_sale_id("spring");
    return stocks;
  }

  UnixMillis now_ = 1'000'000;
  MemoryTail tail_;
  MemoryStoredStock stored_stock_;
  PublicReads reads_{kGeneration, kPartitions, 100, tail_, stored_stock_};
};

TEST_F(PublicReadsTest, KnowsAllByTheLogAloneWhenItBeganAtItsBeginning) {
  take(0, /*defines=*/true);
  reads_.poll(now_);
  EXPECT_EQ(read("mask-1").status, 200);
  EXPECT_THAT(list().body, HasSubstr(R"("sku":"mask-1")"));
  EXPECT_EQ(read("mask-2").status, 404);
  EXPECT_THAT(read("mask-2").body, HasSubstr("/problems/unknown-sku"));
  EXPECT_EQ(stored_stock_.loads, 0);
}

TEST_F(PublicReadsTest, AsksTheSharedViewAgainUntilItHasComeToTheFirstRecord) {
  take(50, /*defines=*/false);
  reads_.poll(now_);
  EXPECT_EQ(read("mask-1").status, 503);
  EXPECT_THAT(read("mask-1").body, HasSubstr("/problems/not-known-yet"));
  EXPECT_EQ(read("mask-2").status, 503) << "never a wrong 404";
  EXPECT_EQ(list().status, 503);
  reads_.poll(now_);
  EXPECT_EQ(stored_stock_.loads, 1) << "one at a time";
  stored_stock_.reply = StoredStocks{std::vector<std::optional<Position>>(kPartitions)};  // Redis is down
  EXPECT_TRUE(reads_.poll(now_));
  EXPECT_EQ(stored_stock_.loads, 1) << "it waits a moment";
  now_ += 500;
  reads_.poll(now_);
  EXPECT_EQ(stored_stock_.loads, 2);
  stored_stock_.reply = stored(50);
  reads_.poll(now_);
  EXPECT_EQ(read("mask-1").status, 200);
  EXPECT_EQ(read("mask-2").status, 404);
  now_ += 500;
  reads_.poll(now_);
  EXPECT_EQ(stored_stock_.loads, 2) << "from now on the log tells all";
}

TEST_F(PublicReadsTest, SaysNothingWhileTheLogIsBeingRead) {
  tail_.records.emplace_back();
  take(0, /*defines=*/true);
  reads_.poll(now_);
  EXPECT_EQ(read("mask-1").status, 503);
  EXPECT_EQ(read("mask-2").status, 503);
}

TEST_F(PublicReadsTest, ServesTheDescriptionOfTheApi) {
  const HttpAnswer answer = reads_.on_request({Route::Kind::kReadApi}, {}, now_);
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"("openapi": "3.1.0")"));
}

}  // namespace
}  // namespace sluice
