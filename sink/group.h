// Shell: takes the partitions over that the consumer group suggests. It only suggests: the positions in the database decide.
#pragma once

#include "kafka/membership.h"
#include "runtime/result.h"
#include "sink/sink_loop.h"

namespace sluice {

// Call it once a turn; never waits.
Result<void> follow_group(kafka::Membership& membership, SinkLoop& sink);

}  // namespace sluice
