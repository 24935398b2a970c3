// Pure: what was ruled on one intent, for people and for scripts.
#pragma once

#include <string>

#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice {

// How sluicectl ends. Scripts rely on the numbers.
enum class ExitCode {
  kDone = 0,     // accepted, now or before
  kRefused = 1,  // the ledger, or a topic's settings, say no; asking again changes nothing
  kUsage = 2,    // the command line or the file is wrong; nothing was sent
  kUnknown = 3,  // no answer in time; the same command may be run again
};

// The verdict on the intent at `offset`. REQUIRES: the record covers it.
const v1::Verdict& verdict_on(const v1::OrderRecord& record, Offset offset);

// "accepted", "duplicate", "refused: lower_version", "refused: not_enough_available; 3 could go", …
std::string verdict_text(const v1::Verdict& verdict);

ExitCode exit_code_of(const v1::Verdict& verdict);

}  // namespace sluice
