// Adapter (simdjson): the body of a request, one JSON object, read strictly into the fields that it may have.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "ingest/problems.h"
#include "schemas/ids.h"

namespace sluice {

struct JsonField;

// Unix milliseconds, written as RFC 3339.
struct JsonTime {
  UnixMillis* into;
};
// A list of objects.
struct JsonList {
  std::size_t most;
  // Reads the next object: hands its fields to `read`, and returns what that returns.
  using Read = std::function<std::optional<Refusal>(std::span<const JsonField> fields)>;
  std::function<std::optional<Refusal>(const Read& read)> item;
};

// One field of an object, and where its value goes: text, a whole number, true or false, a time or a list.
struct JsonField {
  std::string_view name;
  std::variant<std::string*, std::uint32_t*, std::int64_t*, bool*, JsonTime, JsonList> into;
  bool optional = false;  // when it is missing, what `into` held stays
};

struct JsonShape {
  std::string_view example;  // the whole body, for people
  std::span<const JsonField> fields;
  bool takes_unknown_fields = false;  // their values are read over
};

// Owns the parser's memory, so that reading a body allocates nothing but its texts. For one thread.
class JsonBody {
 public:
  JsonBody();
  ~JsonBody();
  JsonBody(const JsonBody&) = delete;
  JsonBody& operator=(const JsonBody&) = delete;

  // Refuses what is not UTF-8, not one JSON object, has a field twice, misses one, or has one that is not known or of another
  // kind; whole numbers are written with digits alone. Never guesses. Each refusal says what was found, and where; the fields
  // are then half read. REQUIRES: at most kBodyBytesMax bytes.
  std::optional<Refusal> read(std::string_view body, const JsonShape& shape);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace sluice
