// Shell: one partition's lane: starts from the local store and the log, then runs the duty cycle, calling the ports in the one
// order that keeps the promises.
//
//   Lane lane(identity, settings, intents, orders, writer, store, view, background);
//   while (!stop) {
//     Result<int> committed = lane.poll_once(now);
//     if (!committed) break;   // drop the lane and its ports, whatever the error is; start anew from the log
//   }
//   lane.settle();
//
// An error leaves the lane unusable. kFenced: another process owns the partition; start again only on an assignment newer than
// that. kRetryable: start again. kFatal: a person has to look; the message says at what.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "ledger/background.h"
#include "ledger/intent_log.h"
#include "ledger/ledger.h"
#include "ledger/ledger_store.h"
#include "ledger/order_log.h"
#include "ledger/state_view.h"
#include "runtime/result.h"

namespace sluice {

struct LaneSettings {
  int batch_intents_max = 20'000;            // of one transaction
  int piece_intents_max = 2'000;             // decided at once: what the processor's caches hold
  int rush_intents_min = 10'000;             // of a transaction, if they are waiting: each costs as much as some thousand
  std::chrono::milliseconds poll_wait{100};  // for the first intent of a batch; a stop waits as long
  // Log time may run ahead of this process's clock by so much before the lane refuses to decide: a broker's clock has jumped.
  std::chrono::milliseconds log_time_ahead_max{5'000};
  // For so long the start waits for what an open transaction in `orders` holds back before it says so and begins anew. Our own
  // was resolved before, so it is somebody else's, or one that a broker has forgotten to end.
  std::chrono::milliseconds held_back_max{15'000};

  // A lane that fails is made anew by itself (lane_thread.h). What a person has to look at is tried again after `failed_pause`,
  // and then less and less often. What may pass is tried again within seconds, and counts as failed, too, when it has not
  // passed after `failed_after`.
  std::chrono::milliseconds failed_after{10'000};
  std::chrono::milliseconds failed_pause{5'000};
  std::chrono::milliseconds failed_pause_max{300'000};
};

class Lane {
 public:
  Lane(LedgerIdentity identity, const LaneSettings& settings, IntentLog& intents, OrderLog& orders, OrderWriter& writer,
       LedgerStore& store, StateView& view, Background& background);

  // One step of the start, or one duty cycle. Returns how many rulings were committed. `now`: this process's clock.
  Result<int> poll_once(UnixMillis now);

  // Waits for the commit that is under way, and hands on what was committed.
  Result<void> settle();

  // Whether the start is complete and intents are being decided.
  bool running() const { return phase_ == Phase::kRunning; }
  // Whether nothing is under way.
  bool settled() const { return !under_way_; }

  // Rulings before this are committed and handed on.
  Offset committed() const;
  // Ahead of that by what is under way.
  const LedgerState& state() const { return ledger_.state(); }

 private:
  // The start, in this order.
  enum class Phase {
    kAcquire,  // fence whoever held the partition; then ask where `orders` ends
    kRestore,  // memory from the local store
    kRedo,     // what `orders` has beyond the store, until its end
    kRunning,
  };

  Result<void> acquire();
  Result<void> restore();
  Result<void> redo(UnixMillis now);
  Result<void> wait_for_the_end(const RecordPoll& poll, UnixMillis now);
  Result<void> take_record(std::string_view bytes, Effects& effects);
  Result<void> begin_running();
  Error missing_intents(const LogRange& range) const;

  // `cut_short`: the reader has delivered more, which cannot be decided with these.
  struct Intents {
    std::span<const IntentMessage> messages;
    bool cut_short = false;
  };
  struct Piece {
    std::optional<LedgerBatch> batch;  // nothing: no intent has come
    bool is_full = false;              // more may be waiting
    bool cut_short = false;
  };

  Result<void> run_cycle(UnixMillis now);
  Result<std::vector<LedgerBatch>> decide_next(UnixMillis now);
  Result<Piece> decide_piece(int intents_max, std::chrono::milliseconds wait, WorkingSet& rows, UnixMillis now);
  Result<Intents> next_intents(int count_max, std::chrono::milliseconds wait, UnixMillis now);
  Result<void> read_on();
  Result<void> fetch(std::span<const IntentMessage> intents, WorkingSet& rows);
  void begin_commit(std::vector<LedgerBatch> batches);
  Result<void> hand_on(std::vector<LedgerBatch> batches);

  Error explain(const Error& error, std::string_view doing) const;

  LaneSettings settings_;
  IntentLog& intents_;
  OrderLog& orders_;
  OrderWriter& writer_;
  LedgerStore& store_;
  StateView& view_;
  Background& background_;

  Ledger ledger_;
  Phase phase_ = Phase::kAcquire;
  std::int64_t orders_begin_ = 0;  // of `orders`, as its end asked after acquire
  std::int64_t orders_end_ = 0;
  std::optional<std::int64_t> committed_end_;  // of `orders`, as it was last announced
  std::optional<UnixMillis> waits_since_;      // for a record, while `orders` is redone
  std::uint64_t stored_digest_ = 0;            // what the log must say at the stored position
  bool stored_digest_seen_ = false;
  Offset reread_from_ = 0;  // the intent whose ruling the start reads next, also below the stored position
  Offset reread_at_ = -1;   // the last gap that was met, where the reader started again
  std::optional<std::vector<LedgerBatch>> under_way_;  // being committed in the background, which has their records
  Result<void> settled_;
  v1::OrderRecord record_;  // reused
};

}  // namespace sluice
