#include "ledger/lane.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ledger/remedies.h"
#include "ledger/restore.h"
#include "ledger/row_fetch.h"
#include "runtime/check.h"
#include "runtime/failpoint.h"

namespace sluice {

Lane::Lane(LedgerIdentity identity, const LaneSettings& settings, IntentLog& intents, OrderLog& orders, OrderWriter& writer,
           LedgerStore& store, StateView& view)
    : settings_(settings), intents_(intents), orders_(orders), writer_(writer), store_(store), view_(view), ledger_(identity) {}

Result<int> Lane::poll_once(UnixMillis now) {
  Result<void> step;
  switch (phase_) {
    case Phase::kAcquire:
      step = acquire();
      break;
    case Phase::kRestore:
      step = restore();
      break;
    case Phase::kRedo:
      step = redo();
      break;
    case Phase::kRunning:
      return run_cycle(now);
  }
  if (!step) return step.error();
  return 0;
}

// The end is asked only after the fence: whatever was committed before it is below that end, and nothing of another owner can
// be committed after it.
Result<void> Lane::acquire() {
  SLUICE_FAILPOINT("lane.before_acquire");
  if (Result<void> acquired = writer_.acquire(); !acquired) return explain(acquired.error(), "acquiring the partition");
  SLUICE_FAILPOINT("lane.after_acquire");
  const Result<LogRange> range = orders_.range();
  if (!range) return explain(range.error(), "asking where orders ends");
  orders_end_ = range->high;
  phase_ = Phase::kRestore;
  return {};
}

Result<void> Lane::restore() {
  SLUICE_FAILPOINT("lane.before_restore");
  Restorer restorer(ledger_.state_to_restore());
  if (Result<void> read = restorer.read(store_); !read) return explain(read.error(), "reading the local store");
  stored_digest_ = state().digest;
  stored_digest_seen_ = state().next == 0;

  // The record at the stored position proves that this is the log that the store was made from; the window of refusals reaches
  // further back.
  const Offset from = std::min(restorer.window_first(), std::max<Offset>(state().next - 1, 0));
  reread_from_ = from;
  const Result<std::int64_t> place = orders_.locate([this, from](std::string_view bytes) {
    return record_.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) &&
           static_cast<Offset>(record_.last_offset()) >= from;
  });
  if (!place) return explain(place.error(), "looking for the stored position in orders");
  SLUICE_FAILPOINT("lane.after_restore");
  if (Result<void> started = orders_.start_at(*place); !started) return explain(started.error(), "reading orders");
  phase_ = Phase::kRedo;
  return {};
}

// What the log says was decided is applied as it stands, never decided again. The end is met only by its announcement: the last
// offsets may be markers of transactions, which are never delivered, and an open transaction of somebody else holds it back.
Result<void> Lane::redo() {
  const Result<RecordPoll> poll = orders_.poll(settings_.poll_wait);
  if (!poll) return explain(poll.error(), "reading orders");
  const Offset before = state().next;
  Effects effects(view_.keeps_up());
  for (const RecordMessage& message : poll->records) {
    effects.record_at(message.append_time);
    if (Result<void> taken = take_record(message.bytes, effects); !taken) return explain(taken.error(), "redoing orders");
  }
  if (stored_digest_seen_) view_.trust_store();
  if (state().next > before) {
    SLUICE_FAILPOINT("lane.before_redone_store");
    LedgerBatch batch;
    std::move(effects).move_to(state(), batch.rows, batch.view);
    if (Result<void> written = store_.write(std::move(batch.rows)); !written)
      return explain(written.error(), "writing the local store");
    view_.publish(std::move(batch.view));
  }
  if (poll->end.has_value() && *poll->end >= orders_end_) {
    orders_.stop();
    return begin_running();
  }
  return {};
}

Result<void> Lane::take_record(std::string_view bytes, Effects& effects) {
  if (!record_.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Error::fatal(fmt::format("orders holds bytes after intent {} that are no record", state().next - 1));
  }
  const auto first = static_cast<Offset>(record_.first_offset());
  const auto last = static_cast<Offset>(record_.last_offset());
  if (first > reread_from_) {
    return Error::fatal(
        fmt::format("orders holds no ruling on intents {}..{}, which {} needs: orders was cut. Bring it back; {} shows what is "
                    "there",
                    reread_from_, first - 1, state().next == 0 ? "a store that is built again" : "the window of refusals",
                    inspect_command(state().identity.partition)));
  }
  reread_from_ = last + 1;
  if (last < state().next) {
    ledger_.remember(record_);
    if (last + 1 == state().next) stored_digest_seen_ = record_.digest() == stored_digest_;
    return {};
  }
  if (first != state().next || !stored_digest_seen_) {
    return Error::fatal(fmt::format(
        "the local store ends before intent {} with digest {:016x}, which orders does not continue (its record covers {}..{}): "
        "orders was cut or replaced, or the store is another's. Which of them: {}",
        state().next, stored_digest_, first, last, inspect_command(state().identity.partition, state().next, stored_digest_)));
  }
  return ledger_.redo(record_, effects);
}

Result<void> Lane::begin_running() {
  SLUICE_FAILPOINT("lane.after_redo");
  if (!stored_digest_seen_) {
    return explain(
        Error::fatal(fmt::format("the local store has decided up to intent {}, but orders does not hold the record of that "
                                 "decision: orders was cut or replaced. What is there: {}",
                                 state().next - 1, inspect_command(state().identity.partition, state().next, stored_digest_))),
        "comparing the local store with orders");
  }
  const Result<LogRange> range = intents_.range();
  if (!range) return explain(range.error(), "asking where intents ends");
  if (range->high < state().next || range->low > state().next) {
    return explain(missing_intents(*range), "comparing intents with what was decided");
  }
  if (Result<void> started = intents_.start_at(state().next); !started) return explain(started.error(), "reading intents");
  phase_ = Phase::kRunning;
  SLUICE_FAILPOINT("lane.after_start");
  return {};
}

Error Lane::missing_intents(const LogRange& range) const {
  const Partition partition = state().identity.partition;
  if (range.high < state().next) {
    return Error::fatal(
        fmt::format("the next intent to decide is {}, but intents ends at {}: it was cut or replaced. Bring it back; {} shows "
                    "what is there",
                    state().next, range.high, inspect_command(partition)));
  }
  return Error::fatal(
      fmt::format("intents begins at {}, but the next intent to decide is {}: the ones between are gone. Bring them "
                  "back, or, if they are lost for good, record that: {}",
                  range.low, state().next, void_command(partition, state().next, range.low - 1)));
}

// The commit order: decide, commit to the log, only then the local store, last the view.
Result<int> Lane::run_cycle(UnixMillis now) {
  const Result<std::span<const IntentMessage>> intents = next_intents(now);
  if (!intents) return intents.error();
  if (intents->empty()) {
    if (Result<void> failed = store_.failed_write(); !failed) return explain(failed.error(), "writing the local store");
    return 0;
  }
  SLUICE_FAILPOINT("lane.after_poll");

  Result<std::vector<LedgerBatch>> batches = decide_and_append(*intents, now);
  if (!batches) return batches.error();
  SLUICE_FAILPOINT("lane.before_flush");
  if (Result<void> flushed = writer_.flush(); !flushed) return explain(flushed.error(), "committing to orders");
  SLUICE_FAILPOINT("lane.before_commit");
  if (Result<void> committed = writer_.commit(); !committed) return explain(committed.error(), "committing to orders");

  SLUICE_FAILPOINT("lane.after_commit");

  int decided = 0;
  for (LedgerBatch& batch : *batches) {
    if (Result<void> written = store_.write(std::move(batch.rows)); !written)
      return explain(written.error(), "writing the local store");
    SLUICE_FAILPOINT("lane.before_publish");
    view_.publish(std::move(batch.view));
    decided += batch.decided;
  }
  SLUICE_FAILPOINT("lane.after_publish");
  if (cut_short_ || decided < static_cast<int>(intents->size())) {
    if (Result<void> started = intents_.start_at(state().next); !started) return explain(started.error(), "reading intents");
  }
  return decided;
}

// Piece by piece, into one open transaction: while a piece is being decided, the broker takes the records of the one before,
// instead of all of them at the end. The working set is the whole cycle's, since what an earlier piece closed is not in the
// store yet.
Result<std::vector<LedgerBatch>> Lane::decide_and_append(std::span<const IntentMessage> intents, UnixMillis now) {
  WorkingSet rows;
  if (Result<void> fetched = fetch(intents, rows); !fetched) return explain(fetched.error(), "reading the local store");

  std::vector<LedgerBatch> batches;
  while (!intents.empty()) {
    const auto piece = intents.first(std::min(intents.size(), static_cast<std::size_t>(settings_.piece_intents_max)));
    Result<LedgerBatch> batch = ledger_.decide(piece, rows, view_.keeps_up(), now);
    // With something decided before it, the error comes again as the first thing of the next cycle.
    if (!batch && !batches.empty()) break;
    if (!batch) return explain(batch.error(), "deciding");
    if (Result<void> appended = append(*batch, batches.empty()); !appended) {
      return explain(appended.error(), "appending to orders");
    }
    const auto decided = static_cast<std::size_t>(batch->decided);
    batches.push_back(std::move(*batch));
    if (decided < piece.size()) break;  // the rest needs this one committed first, or makes the transaction too large
    intents = intents.subspan(decided);
  }
  return batches;
}

// A gap is read again once, with a reader that starts anew; if it stays, the partition lost intents or somebody wrote to it in
// transactions, and nothing can be decided.
Result<std::span<const IntentMessage>> Lane::next_intents(UnixMillis now) {
  cut_short_ = false;
  const Result<std::span<const IntentMessage>> polled = intents_.poll(settings_.batch_intents_max, settings_.poll_wait);
  if (!polled) return explain(polled.error(), "reading intents");
  Offset expected = state().next;
  for (const IntentMessage& message : *polled) {
    if (message.offset != expected) {
      if (expected > state().next) return first_of(*polled, expected);
      if (reread_at_ == expected) {
        return explain(Error::fatal(fmt::format(
                           "intents continues at {} where {} is expected, also when it is read again: intents are "
                           "missing, or somebody wrote to it in transactions. If they are lost for good, record that: {}",
                           message.offset, expected, void_command(state().identity.partition, expected, message.offset - 1))),
                       "reading intents");
      }
      reread_at_ = expected;
      if (Result<void> started = intents_.start_at(expected); !started) return explain(started.error(), "reading intents");
      return std::span<const IntentMessage>();
    }
    const UnixMillis log_time = std::max(state().log_time, message.append_time);
    if (log_time > now + settings_.log_time_ahead_max.count()) {
      if (expected > state().next) return first_of(*polled, expected);
      return explain(
          Error::fatal(fmt::format("log time at intent {} is {} ms ahead of this machine's clock: not deciding until "
                                   "the broker's clock and ours agree",
                                   message.offset, log_time - now)),
          "reading intents");
    }
    ++expected;
  }
  return *polled;
}

// What lies before `end`; the reader has gone farther and is called back after the cycle.
std::span<const IntentMessage> Lane::first_of(std::span<const IntentMessage> intents, Offset end) {
  cut_short_ = true;
  return intents.first(static_cast<std::size_t>(end - state().next));
}

Result<void> Lane::fetch(std::span<const IntentMessage> intents, WorkingSet& rows) {
  for (;;) {
    const std::vector<std::string> missing = missing_rows(state(), intents, rows);
    if (missing.empty()) return {};
    if (Result<void> fetched = fetch_rows(store_, missing, rows); !fetched) return fetched;
  }
}

Result<void> Lane::append(const LedgerBatch& batch, bool is_first) {
  if (is_first) {
    if (Result<void> begun = writer_.begin(); !begun) return begun;
    SLUICE_FAILPOINT("lane.after_begin");
  }
  for (const EncodedRecord record : batch.records) {
    if (Result<void> appended = writer_.append(record.sku, record.bytes); !appended) return appended;
    SLUICE_FAILPOINT("lane.after_append");
  }
  return {};
}

Error Lane::explain(const Error& error, std::string_view doing) const {
  return {error.kind, fmt::format("partition {}: {}: {}", state().identity.partition.value, doing, error.message)};
}

}  // namespace sluice
