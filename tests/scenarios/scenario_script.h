// Pure: the little language of the scenario transcripts: one line asks for one intent, or moves time.
//
//   at 10                                   log time of what follows, in seconds
//   sale mask feb v1 price=500 limit=2 hold=1200 late=refund slots=10-600:100,600-1200:50
//   buy alice k1 mask 2                     user, request key, SKU, quantity
//   pay p1 #3 1000 CNY                      payment, order (the offset of its purchase), amount, currency
//   cancel alice #3 · refund r1 #3 restock|withdraw · settled p1 #3 · due mask through=20 limit=10
//   adjust a1 mask -5 · freeze mask on|off · bytes 0a0b
//
// `key=value` words may be left out where a default is given in the code. Sales cost 500 CNY minor units and so on by default.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schemas/ids.h"

namespace sluice {

struct ScenarioLine {
  std::string text;                  // as it stands in the file
  std::optional<std::string> bytes;  // of the intent; none for comments, blank lines and `at`
  UnixMillis time = 0;
};

inline constexpr int kScenarioPartitionCount = 1;

// Throws std::invalid_argument naming the line for what it does not understand.
std::vector<ScenarioLine> read_scenario(const std::string& text);

}  // namespace sluice
