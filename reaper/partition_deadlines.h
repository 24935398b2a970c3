// Pure: what of one partition is still to come, and what the reaper proposes to the ledger about it.
//
// Two clocks. The reaper's own only says when it is worth asking. What may be released is reckoned in log time alone, the
// running maximum of the broker's append times up to which all rulings have been seen: an order is ripe when log time has
// passed the append time of its record plus its hold. So neither a fast clock here nor a slow ledger takes anybody's time to
// pay. Where the log stands still, a Due that releases nothing makes it tell its time.
#pragma once

#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reaper/pacing.h"
#include "reaper/read_mark.h"
#include "reaper/sku_deadlines.h"
#include "runtime/result.h"
#include "schemas/coverage.h"
#include "schemas/ids.h"
#include "schemas/intent.pb.h"
#include "schemas/order_record.pb.h"

namespace sluice {

struct ProposalLimits {
  std::uint32_t due_orders_max = 1000;  // of one Due; kDueLimitMax is what the ledger takes
  int dues_on_their_way_max = 4;        // of one SKU
  int dues_per_turn_max = 1000;         // of one partition
  PacingLimits pacing;
};

struct Proposal {
  std::uint64_t id = 0;
  v1::Due due;
};

// What a record told, for those who count.
struct Happened {
  std::vector<UnixMillis> release_delays;  // of each released order, from when it was ripe to the append of the record
  std::vector<UnixMillis> opening_delays;  // of each opened slot, likewise
};

class PartitionDeadlines {
 public:
  // Reads from `from` on. `first_id`: proposals are named by it and the numbers after it.
  PartitionDeadlines(Partition partition, Generation generation, const ProposalLimits& limits, const ReadMark& from,
                     std::uint64_t first_id);

  // Takes the next record of the log, which stands at `log_offset` and was appended at `append_time`. Drops what has been seen.
  // Fatal: a gap (invariant I5), or a record that this build cannot judge.
  Result<void> take(const v1::OrderRecord& record, std::int64_t log_offset, UnixMillis append_time, Happened& happened);

  // Appends what the ledger has to be asked now. REQUIRES: `now` is the reaper's clock.
  void propose(UnixMillis now, std::vector<Proposal>& proposals);

  // How the append of a proposal ended: at which offset of `intents`; nothing: not written, or nobody knows. Ids of others are
  // ignored.
  void written(std::uint64_t id, std::optional<Offset> offset, UnixMillis now);

  // When something has to be done next, by whichever clock is first there; kNever.
  UnixMillis due_at() const { return due_.empty() ? kNever : due_.begin()->first; }

  // Where to begin after a restart.
  ReadMark read_mark() const;

  Offset next() const { return coverage_.next(); }
  UnixMillis log_time() const { return log_time_; }
  std::size_t held() const;

 private:
  struct Sku {
    std::string name;
    SkuDeadlines deadlines;
    Pacing pacing;
    UnixMillis due_at = kNever;  // where it stands in due_
  };
  using SkuIndex = std::size_t;
  static constexpr SkuIndex kOfTime = static_cast<SkuIndex>(-1);

  std::string problem_with(const v1::OrderRecord& record) const;
  Error problem(const v1::OrderRecord& record, const std::string& what) const;
  Result<void> take_change(const v1::OrderRecord& record, const ReadMark& at, UnixMillis append_time, Happened& happened);
  Sku& sku_of(const std::string& name);
  void move(SkuIndex index);
  void propose_for(SkuIndex index, UnixMillis now, std::vector<Proposal>& proposals);
  void ask_the_time(UnixMillis now, std::vector<Proposal>& proposals);
  std::uint64_t ask(SkuIndex asker, const std::string& sku, UnixMillis through, std::vector<Proposal>& proposals);

  const Partition partition_;
  const Generation generation_;
  const ProposalLimits limits_;
  Coverage coverage_;
  UnixMillis log_time_ = 0;       // all intents up to here have been ruled on, and the rulings seen
  UnixMillis append_time_ = 0;    // running maximum
  std::int64_t next_log_offset_;  // after the last record
  std::uint64_t next_id_;

  std::vector<Sku> skus_;
  absl::flat_hash_map<std::string, SkuIndex> index_of_;
  absl::btree_set<std::pair<UnixMillis, SkuIndex>> due_;    // SKUs with something to come, by when it is due
  absl::flat_hash_map<std::uint64_t, SkuIndex> unwritten_;  // Dues whose append has not ended; kOfTime: asks for the time

  Pacing time_;                           // of the Dues that only ask for the time
  std::optional<UnixMillis> time_asked_;  // log time when the one was sent whose answer has not been looked at
};

}  // namespace sluice
