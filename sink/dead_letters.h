// Pure: port to the topic `dead-letters`, where rows go that the store refuses.
#pragma once

#include <span>

#include "runtime/result.h"
#include "schemas/dead_letter.pb.h"

namespace sluice {

class DeadLetters {
 public:
  virtual ~DeadLetters() = default;

  // Returns when the broker has acknowledged every letter. After an error some may have arrived: they are written again with
  // the transaction that is tried again.
  virtual Result<void> append(std::span<const v1::DeadLetter> letters) = 0;
};

}  // namespace sluice
