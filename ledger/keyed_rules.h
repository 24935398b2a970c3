// Pure: administrative request keys, which are kept for ever: running an act twice counts once.
#pragma once

#include "ledger/ledger_state.h"
#include "ledger/ruling.h"

namespace sluice {

// Rules on a key that was used before: true, and a verdict, if it was. Either way the verdict carries the key afterwards.
bool rule_admin_repetition(const LedgerState& state, const Fingerprint& key, std::uint64_t content, Ruling& ruling);

// The same for a message with a request key: its content is everything else.
template <typename Keyed>
bool rule_admin_repetition(const LedgerState& state, const Keyed& act, Ruling& ruling) {
  Keyed content = act;
  content.clear_request_key();
  return rule_admin_repetition(state, admin_fingerprint(act.request_key()), content_fingerprint(content.SerializeAsString()),
                               ruling);
}

}  // namespace sluice
