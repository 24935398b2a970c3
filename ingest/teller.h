// Shell: tells askers what the ledger ruled: at once, when the verdict comes, when the store has answered, or when their time
// is up. Follows `orders` for that.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <optional>
#include <vector>

#include "ingest/lookup.h"
#include "ingest/ports.h"
#include "ingest/purpose.h"
#include "ingest/verdicts.h"
#include "ingest/waits.h"
#include "schemas/public_id.h"

namespace sluice {

// What one asker is told about.
struct Telling {
  Purpose purpose;
  Ticket ticket;  // of the intent; of kRead, what is read
};

class Teller {
 public:
  Teller(Generation generation, int partitions, const VerdictBounds& bounds, const PublicIds& ids, StoredOrders& stored,
         Answers& answers);

  // What is known; nothing if that takes time: then the port `answers` gets it later.
  std::optional<HttpAnswer> tell(const Asker& asker, Telling telling, UnixMillis now);

  // The next record of `orders`. An error is fatal: there is a gap.
  Result<void> take(Partition partition, const v1::OrderRecord& record, UnixMillis appended, UnixMillis now);
  // An intent at this offset has been acknowledged.
  void appended(Partition partition, Offset offset) { verdicts_of(partition).pace().appended(offset); }

  // Who waits for what take() has brought.
  void answer_decided(UnixMillis now);
  void answer_expired(UnixMillis now);
  // True: the store had answers.
  bool answer_stored();
  // From now on nothing is held back: who waits gets what is known now.
  void finish();
  // The last: nothing more will come, and whoever waits, for the store too, gets what is known without it.
  void give_up();
  // So that a ledger that stands still is known to be slow: call it often.
  void tell_pace(UnixMillis now);

  std::size_t waits() const { return waits_.size(); }
  const Verdicts& verdicts(Partition partition) const { return verdicts_.at(static_cast<std::size_t>(partition.value)); }

 private:
  // How an order is told to somebody who cancels it.
  enum class Cancel { kNone, kPending, kRuled };
  // Somebody who waits for a verdict or for the store.
  struct Open {
    Telling telling;
    AskStore asked = {};
    Cancel cancel = Cancel::kNone;
  };
  Verdicts& verdicts_of(Partition partition) { return verdicts_.at(static_cast<std::size_t>(partition.value)); }
  std::optional<HttpAnswer> tell_order(const Asker& asker, Telling telling, UnixMillis now, Cancel cancel = Cancel::kNone);
  // Of a cancel or an administrative act, whose own verdict is asked for.
  std::optional<HttpAnswer> tell_verdict(const Asker& asker, Telling telling, UnixMillis now);
  // What is told while the verdict is not there.
  std::optional<HttpAnswer> tell_pending(Exchange exchange, Telling telling, UnixMillis now);
  HttpAnswer pending(const Claim& claim, Purpose::Kind kind) const;
  HttpAnswer shaped(HttpAnswer order, Cancel cancel, const Claim& claim) const;
  void wait(const Asker& asker, Telling telling, UnixMillis now);
  bool is_readable(Ticket ticket) const;
  void answer_by(const StoredOrder& stored);
  void answer(Exchange exchange, HttpAnswer answer);

  const Generation generation_;
  const PublicIds& ids_;
  StoredOrders& stored_port_;
  Answers& answers_;
  std::vector<Verdicts> verdicts_;  // by partition
  Waits waits_;
  absl::flat_hash_map<Exchange, Open> open_;
  std::vector<StoredOrder> stored_;
  std::vector<Exchange> ready_;
  UnixMillis pace_told_ = 0;
  bool finishing_ = false;
};

}  // namespace sluice
