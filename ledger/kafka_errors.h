// Adapter (librdkafka): what an error of a Kafka client means for a lane.
#pragma once

#include <utility>

#include "runtime/result.h"

namespace sluice {

// An error that ends a client does not end the lane for good: the lane drops all its clients and starts again with new ones,
// which ask the log how things stand. Only "fenced" is kept: then somebody else owns the partition.
inline Error starting_again_may_help(Error error) {
  if (error.kind == Error::Kind::kFatal) error.kind = Error::Kind::kRetryable;
  return error;
}

}  // namespace sluice
