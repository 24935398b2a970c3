// Shell: finds a place in a partition by what its messages say.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "kafka/topic_reader.h"
#include "runtime/result.h"

namespace sluice::kafka {

struct Bisection {
  std::int32_t partition = 0;
  // Where to look first: a remembered offset, or one beyond the end to look there. Being wrong costs time only.
  std::optional<std::int64_t> hint = {};
  std::chrono::milliseconds timeout{30'000};  // of the whole search
};

// Offset of the first message whose payload satisfies `reached`; or, if none does, where the next message will be found: the
// end. Offsets that hold no message (transactions' markers) are stepped over. REQUIRES: once a message satisfies `reached`, all
// later ones do. Uses `reader`, which is to be opened with probing() settings, and leaves it stopped.
Result<std::int64_t> first_offset_where(TopicReader& reader, const Bisection& bisection,
                                        const std::function<bool(std::string_view payload)>& reached);

}  // namespace sluice::kafka
