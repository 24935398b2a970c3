// Shell: how soon one new purchase is ruled on: for measuring how long a ledger was away.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "kafka/client_settings.h"
#include "runtime/result.h"
#include "tests/bench/crowd.h"

namespace sluice::bench {

struct Probed {
  std::int64_t appended_ns = 0;  // by steady_nanos(), when the append was acknowledged
  std::int64_t visible_ns = 0;   // when its ruling could be read, committed
};

// Opens a reader at the end of `orders` and calls `go`; when that returns, the first buyer of `crowd` (of one partition) buys.
Result<Probed> probe_verdict(const kafka::ClientSettings& client, const Crowd& crowd, const std::function<void()>& go);

std::string json_of(const Probed& probed);

}  // namespace sluice::bench
