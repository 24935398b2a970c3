// Shell: what is left when a world has come to rest, compared with the oracle's: the stores, the shared view, and ledgers that
// run over the same intents again. The log was judged while it grew (witness).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/oracle/judge.h"
#include "tests/simulation/owner.h"

namespace sluice::simulation {

// The first intent that these rows know nothing of; 0 if they are empty.
Offset stored_next(const Rows& rows);

class Ending {
 public:
  Ending(Surroundings& surroundings, const std::vector<std::unique_ptr<Owner>>& owners);

  // Throws Violation.
  void judge();

 private:
  void judge_store(const Rows& rows);
  void judge_row(const std::string& key, const std::string& value);
  void judge_view() const;

  Surroundings& surroundings_;
  const std::vector<std::unique_ptr<Owner>>& owners_;
  oracle::Judge& judge_;
};

}  // namespace sluice::simulation
