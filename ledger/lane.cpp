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
           LedgerStore& store, StateView& view, Background& background)
    : settings_(settings),
      intents_(intents),
      orders_(orders),
      writer_(writer),
      store_(store),
      view_(view),
      background_(background),
      ledger_(identity) {}

Result<int> Lane::poll_once(UnixMillis now) {
  const Offset before = committed();
  const bool ran = running();
  Result<void> step;
  switch (phase_) {
    case Phase::kAcquire:
      step = acquire();
      break;
    case Phase::kRestore:
      step = restore();
      break;
    case Phase::kRedo:
      step = redo(now);
      break;
    case Phase::kRunning:
      step = run_cycle(now);
      break;
  }
  if (!step) return step.error();
  return ran ? static_cast<int>(committed() - before) : 0;
}

// The end is asked only after the fence: whatever was committed before it is below that end, and nothing of another owner can
// be committed after it.
Result<void> Lane::acquire() {
  SLUICE_FAILPOINT("lane.before_acquire");
  if (Result<void> acquired = writer_.acquire(); !acquired) return explain(acquired.error(), "acquiring the partition");
  SLUICE_FAILPOINT("lane.after_acquire");
  const Result<LogRange> range = orders_.range();
  if (!range) return explain(range.error(), "asking where orders ends");
  orders_begin_ = range->low;
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
    // What is no record must be met, not passed over: nothing may be decided behind it.
    return !record_.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
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
Result<void> Lane::redo(UnixMillis now) {
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
  return wait_for_the_end(*poll, now);
}

Result<void> Lane::wait_for_the_end(const RecordPoll& poll, UnixMillis now) {
  if (poll.end.has_value()) committed_end_ = poll.end;
  if (!poll.records.empty() || !waits_since_) waits_since_ = now;
  if (!committed_end_ || now - *waits_since_ < settings_.held_back_max.count()) return {};
  const Partition partition = state().identity.partition;
  return explain(Error::retryable(
                     fmt::format("an open transaction holds back what lies between offset {} and {}: somebody else's, or one "
                                 "that a broker has not ended. `kafka-transactions.sh describe-producers --topic orders "
                                 "--partition {}` shows its start, `kafka-transactions.sh abort --topic orders --partition {} "
                                 "--start-offset N` ends it; if orders then counts as cut, rename the local store",
                                 *committed_end_, orders_end_, partition.value, partition.value)),
                 "redoing orders");
}

Result<void> Lane::take_record(std::string_view bytes, Effects& effects) {
  if (!record_.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Error::fatal(fmt::format(
        "orders holds a message that is no record where the ruling on intent {} is expected: it is another topic, or "
        "somebody else writes there. {} shows what is there",
        reread_from_, inspect_command(state().identity.partition)));
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
  if (state().next == 0 && orders_begin_ > 0) {
    return explain(Error::fatal(fmt::format(
                       "orders begins at {} and holds no record: what was ruled before was deleted. Bring it back; {} "
                       "shows what is there",
                       orders_begin_, inspect_command(state().identity.partition))),
                   "redoing orders");
  }
  const Result<LogRange> range = intents_.range();
  if (!range) return explain(range.error(), "asking where intents ends");
  if (range->high < state().next || range->low > state().next) {
    return explain(missing_intents(*range), "comparing intents with what was decided");
  }
  if (Result<void> started = read_on(); !started) return started;
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

// While the broker commits one transaction, the next one is decided; nothing of it leaves memory before that commit has
// returned.
Result<void> Lane::run_cycle(UnixMillis now) {
  Result<std::vector<LedgerBatch>> next = decide_next(now);
  if (Result<void> settled = settle(); !settled) return settled;
  if (!next) return next.error();
  if (!next->empty()) {
    begin_commit(std::move(*next));
    return {};
  }
  if (Result<void> failed = store_.failed_write(); !failed) return explain(failed.error(), "writing the local store");
  return {};
}

// One piece, and more of them as long as the transaction before is being committed anyway, or as long as they are waiting and
// there are few. Where no more have come, that transaction is waited for, and what has come meanwhile is a last piece:
// otherwise it would wait for two commits. The working set is for all pieces, since what an earlier one closed is not in the
// store yet.
Result<std::vector<LedgerBatch>> Lane::decide_next(UnixMillis now) {
  std::vector<LedgerBatch> next;
  WorkingSet rows;
  int room = settings_.batch_intents_max;
  const int enough = room - std::min(room, settings_.rush_intents_min);
  std::size_t bytes = 0;
  bool cut_short = false;
  bool more_wait = true;
  while (!cut_short && room > 0 && bytes < Ledger::kRecordBytesMax && (more_wait || (under_way_ && !background_.is_done()))) {
    const auto wait = under_way_ || !next.empty() ? std::chrono::milliseconds(0) : settings_.poll_wait;
    Result<Piece> piece = decide_piece(std::min(room, settings_.piece_intents_max), wait, rows, now);
    if (!piece && next.empty()) return piece.error();
    cut_short = !piece || piece->cut_short;  // an error comes again as the first thing of the next cycle
    if (!piece) break;
    if (!piece->batch) {
      if (next.empty() || !under_way_) break;
      if (Result<void> settled = settle(); !settled) return settled.error();
      more_wait = true;
      continue;
    }
    more_wait = piece->is_full && room - piece->batch->decided > enough;
    room -= piece->batch->decided;
    bytes += piece->batch->records.bytes();
    next.push_back(std::move(*piece->batch));
  }
  if (cut_short) {
    if (Result<void> reread = read_on(); !reread) return reread.error();
  }
  return next;
}

Result<Lane::Piece> Lane::decide_piece(int intents_max, std::chrono::milliseconds wait, WorkingSet& rows, UnixMillis now) {
  const Result<Intents> intents = next_intents(intents_max, wait, now);
  if (!intents) return intents.error();
  if (intents->messages.empty()) return Piece{.batch = std::nullopt, .is_full = false, .cut_short = intents->cut_short};
  SLUICE_FAILPOINT("lane.after_poll");
  if (Result<void> fetched = fetch(intents->messages, rows); !fetched) return fetched.error();
  // A full piece is part of a rush: the view would not keep up with it, and reads the store later.
  const bool is_full = intents->messages.size() == static_cast<std::size_t>(settings_.piece_intents_max);
  Result<LedgerBatch> batch = ledger_.decide(intents->messages, rows, !is_full && view_.keeps_up(), now);
  if (!batch) return explain(batch.error(), "deciding");
  const bool cut_short = intents->cut_short || batch->decided < static_cast<int>(intents->messages.size());
  return Piece{.batch = std::move(*batch), .is_full = is_full, .cut_short = cut_short};
}

// The commit order: append, commit to the log; only then, in settle, the local store, last the view.
void Lane::begin_commit(std::vector<LedgerBatch> batches) {
  std::vector<EncodedRecords> records;
  for (LedgerBatch& batch : batches) records.push_back(std::move(batch.records));
  under_way_ = std::move(batches);
  background_.start([&writer = writer_, records = std::move(records)]() -> Result<void> {
    if (Result<void> begun = writer.begin(); !begun) return begun;
    SLUICE_FAILPOINT("lane.after_begin");
    for (const EncodedRecords& some : records) {
      for (const EncodedRecord record : some) {
        if (Result<void> appended = writer.append(record.sku, record.bytes); !appended) return appended;
        SLUICE_FAILPOINT("lane.after_append");
      }
    }
    SLUICE_FAILPOINT("lane.before_flush");
    if (Result<void> flushed = writer.flush(); !flushed) return flushed;
    SLUICE_FAILPOINT("lane.before_commit");
    return writer.commit();
  });
}

// A failure stays: nothing may be committed after it.
Result<void> Lane::settle() {
  if (under_way_) settled_ = hand_on(*std::exchange(under_way_, std::nullopt));
  return settled_;
}

Result<void> Lane::hand_on(std::vector<LedgerBatch> batches) {
  if (Result<void> committed = background_.finish(); !committed) return explain(committed.error(), "committing to orders");
  SLUICE_FAILPOINT("lane.after_commit");
  for (LedgerBatch& batch : batches) {
    if (Result<void> written = store_.write(std::move(batch.rows)); !written) {
      return explain(written.error(), "writing the local store");
    }
    SLUICE_FAILPOINT("lane.before_publish");
    view_.publish(std::move(batch.view));
  }
  SLUICE_FAILPOINT("lane.after_publish");
  return {};
}

Offset Lane::committed() const {
  Offset next = state().next;
  if (under_way_) {
    for (const LedgerBatch& batch : *under_way_) next -= batch.decided;
  }
  return next;
}

// A gap is read again once, with a reader that starts anew; if it stays, the partition lost intents or somebody wrote to it in
// transactions, and nothing can be decided.
Result<Lane::Intents> Lane::next_intents(int count_max, std::chrono::milliseconds wait, UnixMillis now) {
  const Result<std::span<const IntentMessage>> polled = intents_.poll(count_max, wait);
  if (!polled) return explain(polled.error(), "reading intents");
  Offset expected = state().next;
  const auto before_expected = [&] {
    return Intents{.messages = polled->first(static_cast<std::size_t>(expected - state().next)), .cut_short = true};
  };
  for (const IntentMessage& message : *polled) {
    if (message.offset != expected) {
      if (expected > state().next) return before_expected();
      if (reread_at_ == expected) {
        return explain(Error::fatal(fmt::format(
                           "intents continues at {} where {} is expected, also when it is read again: intents are "
                           "missing, or somebody wrote to it in transactions. If they are lost for good, record that: {}",
                           message.offset, expected, void_command(state().identity.partition, expected, message.offset - 1))),
                       "reading intents");
      }
      reread_at_ = expected;
      return before_expected();
    }
    const UnixMillis log_time = std::max(state().log_time, message.append_time);
    if (log_time > now + settings_.log_time_ahead_max.count()) {
      if (expected > state().next) return before_expected();
      return explain(
          Error::fatal(fmt::format("log time at intent {} is {} ms ahead of this machine's clock: not deciding until "
                                   "the broker's clock and ours agree",
                                   message.offset, log_time - now)),
          "reading intents");
    }
    ++expected;
  }
  return Intents{.messages = *polled, .cut_short = false};
}

// Calls the reader, which may have gone farther, to the next intent that is not decided.
Result<void> Lane::read_on() {
  if (Result<void> started = intents_.start_at(state().next); !started) return explain(started.error(), "reading intents");
  return {};
}

Result<void> Lane::fetch(std::span<const IntentMessage> intents, WorkingSet& rows) {
  for (;;) {
    const std::vector<std::string> missing = missing_rows(state(), intents, rows);
    if (missing.empty()) return {};
    // What the batch before has closed is in the store only when that is committed.
    if (Result<void> settled = settle(); !settled) return settled;
    if (Result<void> fetched = fetch_rows(store_, missing, rows); !fetched) {
      return explain(fetched.error(), "reading the local store");
    }
  }
}

Error Lane::explain(const Error& error, std::string_view doing) const {
  return {error.kind, fmt::format("partition {}: {}: {}", state().identity.partition.value, doing, error.message)};
}

}  // namespace sluice
