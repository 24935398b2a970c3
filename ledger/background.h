// Pure: a port: one piece of work at a time that runs beside its owner.
#pragma once

#include <absl/functional/any_invocable.h>

#include "runtime/result.h"

namespace sluice {

class Background {
 public:
  using Work = absl::AnyInvocable<Result<void>()>;

  virtual ~Background() = default;

  // Begins `work`, which must not throw. REQUIRES: what was started before is finished.
  virtual void start(Work work) = 0;
  // Whether finish would not wait.
  virtual bool is_done() = 0;
  // Waits for it, and returns its outcome. REQUIRES: something was started since the last finish.
  virtual Result<void> finish() = 0;
};

}  // namespace sluice
