// Pure: which records of `orders` this build cannot fold.
#pragma once

#include <string>

#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice {

// Why `record` must not be folded, to follow its name; empty if nothing is wrong with it. It may come from a newer ledger (then
// the sink is upgraded), belong to other topics than these (then the settings are corrected), or be damaged.
std::string problem_with(const v1::OrderRecord& record, Partition partition, Generation generation);

}  // namespace sluice
