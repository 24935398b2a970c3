// Shell: ledgers that run over the intents of a finished world again, to see that they say the same (invariant I6).
#pragma once

#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "tests/simulation/owner.h"
#include "tests/simulation/simulated_log.h"
#include "tests/simulation/simulated_store.h"

namespace sluice::simulation {

class Replay {
 public:
  // `records`: what was committed.
  Replay(LedgerIdentity identity, const SimulatedIntents& intents, const std::vector<const std::string*>& records);

  // All of these throw Violation if anything differs, and compare the rows that they come to with `rows`.

  // Deciding in the batches that the records show gives the records again, byte for byte.
  void decide_with_the_same_cuts(const Rows& rows) const;
  // Deciding in other batches gives the same digests.
  void decide_with_other_cuts(Dice& dice, const Rows& rows) const;
  // A store that is built from the log alone.
  void redo(const Rows& rows) const;
  // A lane that starts from `rows` has in memory what a ledger has that decided everything.
  void restart(const Surroundings& surroundings, const Rows& rows) const;

 private:
  std::vector<std::string> decide(Ledger& ledger, Offset end, Rows& rows, bool with_all_rows = false) const;
  void compare(const Rows& mine, const Rows& rows, const char* how) const;

  LedgerIdentity identity_;
  const SimulatedIntents& intents_;
  const std::vector<const std::string*>& records_;
};

}  // namespace sluice::simulation
