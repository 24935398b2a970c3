// Shell: records of `orders` into the database, exactly once: every transaction moves its partition's position together with
// the rows, from exactly where it stood. All progress is in the database; what the loop has in memory can be dropped at any
// time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "runtime/result.h"
#include "schemas/ids.h"
#include "sink/dead_letters.h"
#include "sink/metrics.h"
#include "sink/orders_reader.h"
#include "sink/partition_fold.h"
#include "sink/sink_database.h"

namespace sluice {

struct SinkLimits {
  int batch_records_max = 2000;               // of one poll; an order and a line of history each, in a rush
  int statement_rows_max = 500;               // 500 to 1,000 are the fastest; an order takes at most 1 KiB
  int refused_rows_max = 100;                 // of one transaction: above it is the table that is wrong, not the rows
  std::chrono::milliseconds poll_wait{100};   // for the first record, when there is nothing to do
  std::chrono::milliseconds ask_after{5000};  // a database that had nothing to store for so long is asked whether it is there
};

class SinkLoop {
 public:
  // Borrows everything but the limits.
  SinkLoop(const SinkLimits& limits, Generation generation, OrdersReader& orders, SinkDatabase& database,
           DeadLetters& dead_letters, SinkMetrics& metrics);

  // From now on these partitions are stored, and no others.
  void own(std::span<const Partition> partitions);

  // Reads a batch and stores it. After a retryable error the next call starts again from where the database stands; a fatal one
  // needs a person. Another sink that was faster is no error.
  Result<void> poll_once(UnixMillis now);

  // Whether it owns partitions, and the last turn could store what there was. From any thread.
  bool is_storing() const { return is_storing_; }

 private:
  using Folds = std::map<Partition, PartitionFold>;

  Result<void> turn(UnixMillis now);
  Result<void> open_partitions();
  Result<void> fold_batch(UnixMillis now);
  Result<void> store_what_is_new(UnixMillis now);
  Result<void> store(Partition partition, PartitionFold& fold);
  Result<void> write(Partition partition, const PartitionFold& fold, const Rows& rows);
  template <typename Row>
  Result<void> upsert(std::span<const Row> rows, std::vector<v1::DeadLetter>& refused);
  template <typename Row>
  Result<void> upsert_in_pieces(std::span<const Row> statement, std::vector<v1::DeadLetter>& refused);
  void close(Partition partition);

  const SinkLimits limits_;
  const Generation generation_;
  OrdersReader& orders_;
  SinkDatabase& database_;
  DeadLetters& dead_letters_;
  SinkMetrics& metrics_;

  std::vector<Partition> owned_;
  Folds folds_;             // of the owned partitions whose position is known
  v1::OrderRecord record_;  // reused: parsing then allocates little
  UnixMillis database_answered_ms_ = 0;
  std::atomic<bool> is_storing_ = false;
};

}  // namespace sluice
