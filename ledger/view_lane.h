// Shell: one lane's part of the shared view: it follows what the lane publishes, or reads the lane's store again. Of the view
// thread, except for the backlog.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "ledger/kept_since.h"
#include "ledger/ledger_store.h"
#include "ledger/metrics.h"
#include "ledger/stored.pb.h"
#include "ledger/view_backlog.h"
#include "ledger/view_writer.h"
#include "runtime/result.h"
#include "schemas/ids.h"

namespace sluice {

struct ViewLaneSettings {
  Generation generation;
  int partition_count = 0;
  // Of orders, aliases and payments. Above it the lane reads its store again, which costs a scan, instead of holding more in
  // memory.
  std::size_t backlog_rows_max = 20'000;
  // How long the key of an order that is cancelled, released or refunded stays after that, or after the order's deadline if
  // that is later.
  std::chrono::milliseconds closed_orders_keep{std::chrono::hours(7 * 24)};
  // Before the store is read again because of that; doubled up to eight times while it goes on.
  std::chrono::milliseconds overflow_wait{1000};
};

// Errors: kRetryable is Redis's, and may leave rows half written: the caller calls fall_behind and comes back with a new
// connection. kFatal: Redis holds another ledger's view.
class ViewLane {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  // Called between two chunks of a long copy. False: leave off, the copy is not wanted any more.
  using Between = std::function<Result<bool>()>;

  ViewLane(Partition partition, LedgerStore& store, const ViewLaneSettings& settings, Metrics& metrics);
  ~ViewLane();

  ViewBacklog& backlog() { return backlog_; }

  // Does what is due: writes the backlog, or how SKUs stand, and catches up from the store. While that is far ahead the lane is
  // not followed, so that it gathers nothing that this thread would not come to; then it has more to do at once.
  Result<void> turn(ViewWriter& redis, Instant now, const Between& between);

  bool has_more() const { return has_more_; }

  // Writes what was published: everything if it follows, otherwise how SKUs stand.
  Result<void> write_published(ViewWriter& redis);

  // Asks whether Redis still has what was promised there, and falls behind if not. Promises anew since when all is kept there
  // where that is due. `time`: Unix time.
  Result<void> check(ViewWriter& redis, Instant now, UnixMillis time);

  // Lets the backlog go; the next turn from `retry` on catches up.
  void fall_behind(Instant retry);

 private:
  void notice_loss(Instant now);
  Result<void> write_backlog(ViewWriter& redis);
  Result<void> write_stocks(ViewWriter& redis);
  Result<void> catch_up(ViewWriter& redis, Instant now, const Between& between);
  Result<void> wait_for_store(ViewWriter& redis, const Error& error, Instant now);
  Result<std::optional<Position>> promised_in(ViewWriter& redis);
  Result<v1::StoredProgress> stored_progress();
  template <typename Row, typename Add>
  Result<bool> copy_kind(ViewWriter& redis, std::string_view kind, const Between& between, Add add);
  Result<bool> copy_orders(ViewWriter& redis, Position from, const Between& between);
  Result<bool> go_on(ViewWriter& redis, const Between& between);
  Result<bool> copy_rows(ViewWriter& redis, Position from, UnixMillis log_time, const Between& between);
  Result<void> promise_kept(ViewWriter& redis, UnixMillis time);
  Result<void> withdraw_kept(ViewWriter& redis, Position aliases_whole_from);
  Result<void> flush(ViewWriter& redis);
  Result<void> promise(ViewWriter& redis, Position expected, Position next);

  const Partition partition_;
  LedgerStore& store_;
  const ViewLaneSettings settings_;
  ViewMetrics view_metrics_;
  ViewLaneMetrics metrics_;
  ViewBacklog backlog_;

  bool follows_ = false;            // as this thread knows it; the backlog may have overflowed since
  bool has_more_ = false;           // of the store to read, at once
  bool told_to_wait_ = false;       // the log says that the store is behind Redis
  std::string told_store_trouble_;  // in the log already
  int overflows_ = 0;               // in a row
  Instant retry_;
  Position promised_;  // in Redis, as last seen; {0}: not seen yet
  KeptSince kept_since_;
  Position aliases_whole_from_;  // what has an earlier ticket and no key may be the repetition of an order all the same
  std::optional<KeptSince::Promise> told_kept_;  // to Redis, since the lane follows
};

}  // namespace sluice
