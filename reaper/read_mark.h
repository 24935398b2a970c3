// Pure: where a reader of one partition of `orders` has to begin so that it misses nothing that is still live.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/ids.h"

namespace sluice {

struct ReadMark {
  std::int64_t log_offset = 0;  // in `orders`: the first record at or after it …
  Offset intent = 0;            // … begins with this intent
  auto operator<=>(const ReadMark&) const = default;
};

// What is stored beside the log offset, "1/4711" of generation 1 and intent 4711: by it a mark of other topics is recognised.
std::string note_of(const ReadMark& mark, Generation generation);

// The intent that the note names; nothing: it is no such note, or of another generation.
std::optional<Offset> read_note(std::string_view note, Generation generation);

}  // namespace sluice
