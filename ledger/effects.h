// Pure: where the effects of one batch on the local store and the shared view are gathered while it is applied.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/ledger_batch.h"
#include "ledger/ledger_state.h"
#include "ledger/order_chunks.h"

namespace sluice {

class Effects {
 public:
  // `view_wanted` false: the view is behind and will read the store, so that only how SKUs stand is copied for it.
  explicit Effects(bool view_wanted) : view_wanted_(view_wanted) { view_.complete = view_wanted; }

  // The append time of the record that is applied next, or a moment shortly before it. For the view alone.
  void record_at(UnixMillis recorded) { recorded_ = recorded; }

  // Of an order that was there before.
  void order_changed(Position version, UnixMillis log_time, const v1::Order& order);
  // A new one; `order`: serialised, as its record has it. In the order of ids.
  void order_reserved(Position version, UnixMillis log_time, std::uint64_t id, std::string_view order);
  void payment_changed(Position version, const v1::Payment& payment);
  void alias_added(const AliasSnapshot& alias);
  void admin_key_added(const Fingerprint& key, const v1::StoredAdminKey& stored);
  void line_changed(const StockLine& line);

  // Adds the rows of the changed lines and of the progress as `state` has them now, and hands everything over.
  void move_to(const LedgerState& state, RowWrites& rows, ViewChanges& view) &&;

 private:
  bool view_wanted_;
  UnixMillis recorded_ = 0;
  RowWrites rows_;
  ChunkWriter chunks_;
  ViewChanges view_;
  std::vector<bool> is_changed_;  // by the line's number
  std::vector<AcceptedOrders::LineNumber> changed_lines_;
  std::string scratch_;  // reused
};

}  // namespace sluice
