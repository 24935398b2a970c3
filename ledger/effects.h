// Pure: where the effects of one batch on the local store and the shared view are gathered while it is applied.
#pragma once

#include <absl/container/btree_set.h>

#include <string>

#include "ledger/ledger_batch.h"
#include "ledger/ledger_state.h"

namespace sluice {

class Effects {
 public:
  // `view_wanted` false: the view is behind and will read the store, so that nothing need be copied for it.
  explicit Effects(bool view_wanted) : view_wanted_(view_wanted) { view_.complete = view_wanted; }

  void order_changed(Position version, const v1::Order& order);
  void payment_changed(const v1::Payment& payment);
  void alias_added(Ticket duplicate, std::uint64_t order);
  void admin_key_added(const Fingerprint& key, const v1::StoredAdminKey& stored);
  void line_changed(const std::string& sku) { changed_lines_.insert(sku); }

  // Adds the rows of the changed lines and of the progress as `state` has them now, and hands everything over.
  void move_to(const LedgerState& state, RowWrites& rows, ViewChanges& view) &&;

 private:
  bool view_wanted_;
  RowWrites rows_;
  ViewChanges view_;
  absl::btree_set<std::string> changed_lines_;
  std::string scratch_;  // reused
};

}  // namespace sluice
