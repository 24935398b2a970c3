// Shell: what is left when a world has come to rest, compared with the oracle's: the log with its rulings and invariants, the
// stores, the shared view, and ledgers that run over the same intents again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/oracle/judge.h"
#include "tests/simulation/owner.h"
#include "tests/simulation/world.h"

namespace sluice::simulation {

// The first intent that these rows know nothing of; 0 if they are empty.
Offset stored_next(const Rows& rows);

class Ending {
 public:
  Ending(Surroundings& surroundings, const std::vector<std::unique_ptr<Owner>>& owners);

  // Throws Violation.
  WorldReport judge();

 private:
  void judge_invariants() const;
  void judge_store(const Rows& rows);
  void judge_row(const std::string& key, const std::string& value);
  void judge_view();
  void judge_view_now() const;

  Surroundings& surroundings_;
  const std::vector<std::unique_ptr<Owner>>& owners_;
  std::vector<oracle::Asked> asked_;
  std::vector<std::string> records_;  // what a reader of `orders` has seen
  oracle::Judge judge_;
};

}  // namespace sluice::simulation
