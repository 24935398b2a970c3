#include "reaper/read_mark.h"

#include <fmt/format.h>

#include <charconv>

namespace sluice {

std::string note_of(const ReadMark& mark, Generation generation) { return fmt::format("{}/{}", generation.value, mark.intent); }

std::optional<Offset> read_note(std::string_view note, Generation generation) {
  const std::string expected = fmt::format("{}/", generation.value);
  if (!note.starts_with(expected)) return std::nullopt;
  note.remove_prefix(expected.size());
  Offset intent = 0;
  const auto [end, code] = std::from_chars(note.data(), note.data() + note.size(), intent);
  if (code != std::errc() || end != note.data() + note.size() || intent < 0 || intent > kOffsetMax) return std::nullopt;
  return intent;
}

}  // namespace sluice
