// Adapter (redis/): reads how all SKUs stand from the shared view, in steps that are each bounded, so that other questions to
// the same Redis need not wait for the end.
#pragma once

#include <cstddef>
#include <string>

#include "ingest/stock_board.h"
#include "redis/connection.h"
#include "runtime/result.h"
#include "schemas/ids.h"

namespace sluice {

struct StockScanBounds {
  Generation generation;
  int partitions = 8;
  std::size_t skus_max = 10'000;
};

class StockScan {
 public:
  explicit StockScan(const StockScanBounds& bounds) : bounds_(bounds) {}

  // True: all has been read. After an error, begin anew.
  Result<bool> step(RedisConnection& redis);

  // What was read. REQUIRES: step() has returned true.
  StoredStocks result() && { return std::move(stocks_); }

 private:
  Result<void> read_progress(RedisConnection& redis);
  Result<void> read_rows(RedisConnection& redis, const std::vector<RedisReply>& keys);

  const StockScanBounds bounds_;
  std::string cursor_;  // of Redis; empty before the first step
  StoredStocks stocks_;
};

}  // namespace sluice
