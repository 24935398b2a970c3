// Shell: the buyers' tokens, and the run from before the opening to the last verdict, with its progress on standard output.
#pragma once

#include <string>
#include <vector>

#include "runtime/result.h"
#include "stack/buyers/plan.h"
#include "stack/buyers/rush.h"

namespace sluice {

struct CrowdSettings {
  std::string front = "http://127.0.0.1:8080";
  std::string tokens_path = {};
  std::string journal_path = {};
  PlanSettings plan = {};
  RushSettings rush = {};
};

// One JWT a line. Error if there are fewer than `wanted` or one has no subject.
Result<std::vector<Buyer>> read_buyers(const std::string& path, int wanted);

// Requests and orders that were given up.
Result<std::int64_t> run_crowd(const CrowdSettings& settings);

}  // namespace sluice
