// Pure: the ledger of one partition: a deterministic state machine over its intents. No clock, no randomness, no I/O: the same
// intents give the same rulings on every machine, for ever (invariant I6).
//
//   decide:  intents -> rulings -> state, records, rows     (the owner of the partition, once)
//   redo:    records -> state, rows                         (whoever starts from the log; nothing is decided again)
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "ledger/apply.h"
#include "ledger/intent_log.h"
#include "ledger/ledger_batch.h"
#include "ledger/ledger_state.h"
#include "ledger/purchase_rules.h"
#include "ledger/record_writer.h"
#include "ledger/ruling.h"
#include "runtime/result.h"
#include "schemas/intent.pb.h"

namespace sluice {

class Ledger {
 public:
  // What deciding once leads to ends soon after so many bytes of records, however few intents that takes: one Due can release a
  // thousand orders, which are written whole. A producer holds a transaction's records until they are acknowledged, and refuses
  // more than it has room for (kafka/transactional_producer.h).
  static constexpr std::size_t kRecordBytesMax = std::size_t{8} << 20;

  // Purchases whose memory is on its way at once.
  static constexpr std::size_t kReadAheadMax = 16;

  explicit Ledger(LedgerIdentity identity) : state_(identity) {}

  const LedgerState& state() const { return state_; }

  // Decides `intents`, which continue at state().next. May decide fewer than it was given: it ends before an intent that needs
  // a row that `rows` lacks because the batch itself made it needed (fetch again, and go on), before one of a newer kind, and
  // at kRecordBytesMax. An error, with nothing changed, when the very first is of a newer kind. REQUIRES: `rows` lacks nothing
  // that `intents` name (row_fetch.h). `now`: for the view, which says when a buyer's time to pay ends; no ruling depends on
  // it.
  Result<LedgerBatch> decide(std::span<const IntentMessage> intents, WorkingSet& rows, bool view_wanted, UnixMillis now = 0);

  // Applies a recorded ruling. REQUIRES: the record begins at state().next. Fatal errors: the record does not continue the
  // digest chain, or comes from rules that this build does not know.
  Result<void> redo(const v1::OrderRecord& record, Effects& effects);

  // Reads a record again that the state already contains, for the window of refusals alone.
  void remember(const v1::OrderRecord& record);

  // For the start from a store; before anything else is called.
  LedgerState& state_to_restore() { return state_; }

 private:
  // Where one batch's rulings go.
  struct Outputs {
    RecordWriter& records;
    WorkingSet& rows;
    Effects& effects;
  };

  // Reads the purchases at the front of `intents` and has the memory that ruling on them needs fetched: the tables are far
  // larger than the processor's caches.
  void read_ahead(std::span<const IntentMessage> intents);

  void decide_purchase(const PurchaseRequest& purchase, const Moment& moment, Outputs& outputs);
  void reserve(StockLine& line, const PurchaseRequest& purchase, const Moment& moment, Outputs& outputs);

  // Reads an intent that read_ahead could not read, into intent_. False: it cannot be decided now.
  bool can_rule_on(std::string_view bytes, const WorkingSet& rows);
  void decide_other(const Moment& moment, Outputs& outputs);

  // Rules on what is in intent_, into ruling_.
  void rule(const Moment& moment, WorkingSet& rows);
  void rule_on_sku(const StockLine* line, const Moment& moment);
  void rule_on_order(const StockLine* line, const v1::Order* order, const Moment& moment, WorkingSet& rows);
  void take_ruling(const Moment& moment, std::string_view sku, Outputs& outputs);

  LedgerState state_;

  // Reused, so that reading and ruling allocate little.
  std::array<std::optional<PurchaseRequest>, kReadAheadMax> ahead_;
  google::protobuf::RepeatedPtrField<v1::SlotOpened> opened_;  // by the purchase at hand
  v1::Intent intent_;
  Ruling ruling_;
};

}  // namespace sluice
