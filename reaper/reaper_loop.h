// Shell: follows `orders` and asks the ledger, by Due, for what time has made due: slots to open, holds to release. All that is
// in memory is derived from the log and can be dropped at any time; two reapers of one partition do no harm.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "reaper/due_appender.h"
#include "reaper/metrics.h"
#include "reaper/orders_feed.h"
#include "reaper/partition_deadlines.h"
#include "reaper/read_marks.h"
#include "runtime/result.h"
#include "schemas/ids.h"

namespace sluice {

struct ReaperLimits {
  ProposalLimits proposals;
  int batch_records_max = 10'000;            // of one poll
  std::chrono::milliseconds poll_wait{100};  // for the first record, when nothing is due before
  UnixMillis keep_marks_ms = 5000;           // how often the marks are kept
};

class ReaperLoop {
 public:
  // Borrows everything but the limits.
  ReaperLoop(const ReaperLimits& limits, Generation generation, OrdersFeed& orders, DueAppender& intents, ReadMarks& marks,
             ReaperMetrics& metrics);

  // From now on these partitions are watched, and no others. Keeps the marks of those that are given up.
  void own(std::span<const Partition> partitions);

  // Reads a batch and asks for what is due. After a retryable error the next call starts again from the marks; a fatal one
  // needs a person.
  Result<void> poll_once(UnixMillis now);

  // Whether it owns partitions, has read all of them to their ends, and the last turn met no error. From any thread.
  bool is_watching() const { return is_watching_; }

 private:
  struct Watched {
    PartitionDeadlines deadlines;
    ReadMark from;           // where reading began
    std::int64_t end = 0;    // of the log at that moment; before it nothing is proposed, since it may tell of releases
    bool is_proven = false;  // the first record was the one that the mark spoke of
    bool at_end = false;
    bool forgets_mark = false;  // it was not: begin at the start of the log
  };

  Result<void> turn(UnixMillis now);
  Result<void> open_partitions();
  Result<void> open(Partition partition, bool by_mark);
  Result<void> read_batch(UnixMillis now);
  Result<void> read(const FedRecord& fed, Watched& watched);
  void observe(const Happened& happened);
  Result<void> take_written(UnixMillis now);
  Result<void> propose(UnixMillis now);
  std::chrono::milliseconds wait_until_due(UnixMillis now) const;
  void keep_marks(UnixMillis now);
  void keep_marks_of(std::span<const Partition> partitions);
  void show(UnixMillis now);
  void close(Partition partition);

  const ReaperLimits limits_;
  const Generation generation_;
  OrdersFeed& orders_;
  DueAppender& intents_;
  ReadMarks& marks_;
  ReaperMetrics& metrics_;

  std::vector<Partition> owned_;
  std::map<Partition, Watched> watched_;
  std::map<Partition, ReadMark> kept_;  // the marks as they were kept last
  UnixMillis kept_at_ = 0;
  UnixMillis shown_at_ = 0;
  std::uint64_t openings_ = 0;  // numbers the lives of partitions, so that no two proposals have one id
  v1::OrderRecord record_;      // reused: parsing then allocates little
  std::vector<Proposal> proposals_;
  Happened happened_;
  std::atomic<bool> is_watching_ = false;
};

}  // namespace sluice
