#include "ingest/json_body.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <vector>

#include "ingest/http.h"
#include "runtime/check.h"
#include "runtime/moment.h"

namespace sluice {

namespace od = simdjson::ondemand;

// simdjson reads past the end of the text: the body is copied in front of the padding that it asks for.
struct JsonBody::Parser {
  od::parser json;
  std::array<char, kBodyBytesMax + simdjson::SIMDJSON_PADDING> text{};
};

namespace {

using Refused = std::optional<Refusal>;

constexpr std::size_t kEchoedBytesMax = 40;
constexpr int kDepthMax = 8;  // of values that are read over
constexpr std::size_t kFieldsMax = 16;

Refusal malformed(std::string detail) { return {Problem::kMalformedBody, std::move(detail)}; }
Refusal bad_field(std::string detail) { return {Problem::kBadField, std::move(detail)}; }

// What was found, for people: short, or not at all.
std::string echoed(std::string_view found, const char* otherwise) {
  return found.size() <= kEchoedBytesMax ? std::string(found) : std::string(otherwise);
}

// What stands there, for people.
std::string_view kind_name(od::json_type type) {
  switch (type) {
    case od::json_type::array:
      return "an array";
    case od::json_type::object:
      return "an object";
    case od::json_type::number:
      return "a number";
    case od::json_type::string:
      return "a string";
    case od::json_type::boolean:
      return "a boolean";
    case od::json_type::null:
      return "null";
  }
  return "something else";
}

std::string_view without_spaces_behind(std::string_view token) {
  const std::size_t end = token.find_last_not_of(" \t\r\n");
  return token.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

// Reads one body.
class Reading {
 public:
  explicit Reading(const JsonShape& shape) : shape_(shape) {}

  Refused object(od::object object, std::span<const JsonField> fields, const std::string& place) {
    CHECK(fields.size() <= kFieldsMax);
    std::array<bool, kFieldsMax> seen{};
    std::vector<std::string> unknown;  // stays empty but where unknown fields are taken
    for (auto item : object) {
      od::field field;
      if (const auto error = std::move(item).get(field)) return wrong(error);
      std::string_view name;
      if (const auto error = field.unescaped_key().get(name)) return wrong(error);
      const auto known = std::ranges::find(fields, name, &JsonField::name);
      const auto index = static_cast<std::size_t>(known - fields.begin());
      const bool is_known = known != fields.end();
      if (!is_known && !shape_.takes_unknown_fields) return not_known(place, name, fields);
      const bool again = is_known ? seen[index] : std::ranges::find(unknown, name) != unknown.end();
      if (again) return malformed(fmt::format("The field {}{} stands there twice", place, echoed(name, "with the long name")));
      if (is_known) {
        seen[index] = true;
      } else {
        unknown.emplace_back(name);
      }
      auto refusal = is_known ? value(field.value(), *known, place) : read_over(field.value(), kDepthMax);
      if (refusal) return refusal;
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (!seen[i] && !fields[i].optional) return bad_field(fmt::format("The field {}{} is missing", place, fields[i].name));
    }
    return std::nullopt;
  }

  Refusal wrong(simdjson::error_code error) const {
    if (error == simdjson::UTF8_ERROR) return malformed("The body is not UTF-8");
    if (error == simdjson::STRING_ERROR) return malformed("The body has a string with a malformed escape");
    return malformed(fmt::format("{}; this is not well-formed JSON", must_be()));
  }

  std::string must_be() const { return fmt::format("The body must be one JSON object like {}", shape_.example); }

 private:
  static Refusal not_known(const std::string& place, std::string_view name, std::span<const JsonField> fields) {
    std::string known;
    for (const JsonField& field : fields) known += (known.empty() ? "" : ", ") + std::string(field.name);
    return bad_field(fmt::format("The field {}{} is not known; there {} {}", place, echoed(name, "with the long name"),
                                 fields.size() == 1 ? "is" : "are", known));
  }

  Refused value(od::value value, const JsonField& field, const std::string& place) {
    const std::string name = place + std::string(field.name);
    od::json_type type{};
    if (const auto error = value.type().get(type)) return wrong(error);
    const auto is = [type](od::json_type wanted) { return type == wanted; };
    const auto other = [&](const char* wanted) {
      return bad_field(fmt::format("{} must be {}, it is {}", name, wanted, kind_name(type)));
    };
    if (auto* const* text = std::get_if<std::string*>(&field.into)) {
      return is(od::json_type::string) ? this->text(value, **text) : other("a string");
    }
    if (const auto* time = std::get_if<JsonTime>(&field.into)) {
      return is(od::json_type::string) ? this->time(value, name, *time->into) : other("a time like \"2026-12-24T06:00:00Z\"");
    }
    if (auto* const* truth = std::get_if<bool*>(&field.into)) {
      if (!is(od::json_type::boolean)) return other("true or false");
      if (const auto error = value.get_bool().get(**truth)) return wrong(error);
      return std::nullopt;
    }
    if (const auto* list = std::get_if<JsonList>(&field.into)) {
      return is(od::json_type::array) ? this->list(value, name, *list) : other("a list");
    }
    if (!is(od::json_type::number)) return other("a whole number");
    return number(value, name, field);
  }

  Refused text(od::value value, std::string& into) const {
    std::string_view text;
    if (const auto error = value.get_string().get(text)) return wrong(error);
    into = text;
    return std::nullopt;
  }

  Refused time(od::value value, const std::string& name, UnixMillis& into) const {
    std::string text;
    if (auto refusal = this->text(value, text)) return refusal;
    const std::optional<std::int64_t> moment = parse_rfc3339(text);
    if (!moment) {
      return bad_field(fmt::format("{} must be a time like 2026-12-24T06:00:00Z (RFC 3339), it is {}", name,
                                   echoed("'" + text + "'", "far too long")));
    }
    into = *moment;
    return std::nullopt;
  }

  // JSON has one kind of number; ours are written with digits alone, so that 1.0, 1e3 and 2^63 need no interpretation.
  Refused number(od::value value, const std::string& name, const JsonField& field) const {
    const std::string token(without_spaces_behind(value.raw_json_token()));
    double any_number = 0;
    if (const auto error = value.get_double().get(any_number); error && error != simdjson::NUMBER_ERROR) return wrong(error);
    auto* const* const with_sign = std::get_if<std::int64_t*>(&field.into);
    const bool negative = with_sign != nullptr && token.size() > 1 && token.front() == '-';
    const std::string_view digits = std::string_view(token).substr(negative ? 1 : 0);
    const bool is_whole = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    const bool leading_zero = is_whole && digits.size() > 1 && digits.front() == '0';
    const bool number_of_json = !leading_zero && token.find_first_not_of("0123456789+-.eE") == std::string::npos;
    if (!number_of_json) return malformed(fmt::format("{}; {} is not a number of JSON", must_be(), name));
    std::int64_t number = 0;
    if (is_whole && !value.get_int64().get(number)) {
      if (with_sign != nullptr) {
        **with_sign = number;
        return std::nullopt;
      }
      if (number <= std::numeric_limits<std::uint32_t>::max()) {
        *std::get<std::uint32_t*>(field.into) = static_cast<std::uint32_t>(number);
        return std::nullopt;
      }
    }
    return bad_field(
        fmt::format("{} must be a whole number written in digits, it is {}", name, echoed(token, "far too large")));
  }

  Refused list(od::value value, const std::string& name, const JsonList& list) {
    od::array array;
    if (const auto error = value.get_array().get(array)) return wrong(error);
    std::size_t count = 0;
    for (auto item : array) {
      od::value element;
      if (const auto error = std::move(item).get(element)) return wrong(error);
      const std::string place = fmt::format("{}[{}]", name, count);
      if (++count > list.most) return bad_field(fmt::format("{} must have at most {} items", name, list.most));
      od::json_type type{};
      if (const auto error = element.type().get(type)) return wrong(error);
      if (type != od::json_type::object)
        return bad_field(fmt::format("{} must be an object, it is {}", place, kind_name(type)));
      od::object one;
      if (const auto error = element.get_object().get(one)) return wrong(error);
      const auto read = [&](std::span<const JsonField> fields) { return object(one, fields, place + "."); };
      if (auto refusal = list.item(read)) return refusal;
    }
    return std::nullopt;
  }

  // Every part is looked at: simdjson skips over what nobody asks for, malformed or not.
  Refused read_over(od::value value, int depth) const {
    if (depth == 0) return malformed(fmt::format("A field that is not known is nested deeper than {}", kDepthMax));
    od::json_type type{};
    if (const auto error = value.type().get(type)) return wrong(error);
    if (type == od::json_type::array) {
      od::array array;
      if (const auto error = value.get_array().get(array)) return wrong(error);
      for (auto item : array) {
        od::value element;
        if (const auto error = std::move(item).get(element)) return wrong(error);
        if (auto refusal = read_over(element, depth - 1)) return refusal;
      }
      return std::nullopt;
    }
    if (type == od::json_type::object) {
      od::object object;
      if (const auto error = value.get_object().get(object)) return wrong(error);
      for (auto item : object) {
        od::field field;
        if (const auto error = std::move(item).get(field)) return wrong(error);
        std::string_view name;
        if (const auto error = field.unescaped_key().get(name)) return wrong(error);
        if (auto refusal = read_over(field.value(), depth - 1)) return refusal;
      }
      return std::nullopt;
    }
    return read_over_scalar(value, type);
  }

  Refused read_over_scalar(od::value value, od::json_type type) const {
    std::string_view text;
    double number = 0;
    bool truth = false;
    simdjson::error_code error = simdjson::SUCCESS;
    if (type == od::json_type::string) error = value.get_string().get(text);
    if (type == od::json_type::number) error = value.get_double().get(number);
    if (type == od::json_type::boolean) error = value.get_bool().get(truth);
    if (type == od::json_type::null) error = value.is_null().get(truth);
    if (error) return wrong(error);
    return std::nullopt;
  }

  const JsonShape& shape_;
};

}  // namespace

JsonBody::JsonBody() : parser_(std::make_unique<Parser>()) {}
JsonBody::~JsonBody() = default;

std::optional<Refusal> JsonBody::read(std::string_view body, const JsonShape& shape) {
  CHECK(body.size() <= kBodyBytesMax);
  Reading reading(shape);
  if (body.empty()) return malformed(fmt::format("{}; it is empty", reading.must_be()));
  std::memcpy(parser_->text.data(), body.data(), body.size());
  std::memset(parser_->text.data() + body.size(), 0, simdjson::SIMDJSON_PADDING);
  od::document document;
  const simdjson::padded_string_view padded(parser_->text.data(), body.size(), parser_->text.size());
  if (const auto error = parser_->json.iterate(padded).get(document)) return reading.wrong(error);
  od::json_type type{};
  if (const auto error = document.type().get(type)) return reading.wrong(error);
  if (type != od::json_type::object) return malformed(fmt::format("{}; it is {}", reading.must_be(), kind_name(type)));
  od::object object;
  if (const auto error = document.get_object().get(object)) return reading.wrong(error);
  if (auto refusal = reading.object(object, shape.fields, "")) return refusal;
  const char* rest = nullptr;
  if (document.current_location().get(rest) != simdjson::OUT_OF_BOUNDS) {
    return malformed("Something stands after the JSON object");
  }
  return std::nullopt;
}

}  // namespace sluice
