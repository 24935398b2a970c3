#include "ingest/purchase_json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "runtime/check.h"

namespace sluice {

namespace od = simdjson::ondemand;

// simdjson reads past the end of the text: the body is copied in front of the padding that it asks for.
struct PurchaseJson::Parser {
  od::parser json;
  std::array<char, kBodyBytesMax + simdjson::SIMDJSON_PADDING> text{};
};

namespace {

constexpr std::string_view kShape = R"(The body must be one JSON object like {"sku": "mask-1", "quantity": 1})";
constexpr std::size_t kEchoedBytesMax = 40;

Refusal malformed(std::string detail) { return {Problem::kMalformedBody, std::move(detail)}; }
Refusal bad_field(std::string detail) { return {Problem::kBadField, std::move(detail)}; }

Refusal malformed(simdjson::error_code error) {
  if (error == simdjson::UTF8_ERROR) return malformed("The body is not UTF-8");
  if (error == simdjson::STRING_ERROR) return malformed("The body has a string with a malformed escape");
  return malformed(fmt::format("{}; this is not well-formed JSON", kShape));
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

std::string_view trimmed(std::string_view token) {
  const std::size_t end = token.find_last_not_of(" \t\r\n");
  return token.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

std::optional<Refusal> read_sku(od::value value, PurchaseBody& into) {
  od::json_type type{};
  if (const auto error = value.type().get(type)) return malformed(error);
  if (type != od::json_type::string) return bad_field(fmt::format("sku must be a string, it is {}", kind_name(type)));
  std::string_view text;
  if (const auto error = value.get_string().get(text)) return malformed(error);
  into.sku = text;
  return std::nullopt;
}

// JSON has one kind of number; a quantity is written with digits alone, so that 1.0, 1e3 and 2^63 need no interpretation.
std::optional<Refusal> read_quantity(od::value value, PurchaseBody& into) {
  od::json_type type{};
  if (const auto error = value.type().get(type)) return malformed(error);
  if (type != od::json_type::number) {
    return bad_field(fmt::format("quantity must be a whole number, it is {}", kind_name(type)));
  }
  const std::string token(trimmed(value.raw_json_token()));
  double any_number = 0;
  if (const auto error = value.get_double().get(any_number); error && error != simdjson::NUMBER_ERROR) return malformed(error);
  const bool digits = std::ranges::all_of(token, [](char c) { return c >= '0' && c <= '9'; });
  std::uint64_t number = 0;
  const auto error = value.get_uint64().get(number);
  if (digits && !error && number <= 0xFFFFFFFF) {
    into.quantity = static_cast<std::uint32_t>(number);
    return std::nullopt;
  }
  const bool leading_zero = digits && token.size() > 1 && token.front() == '0';
  const bool number_of_json = !leading_zero && token.find_first_not_of("0123456789+-.eE") == std::string::npos;
  if (!number_of_json) return malformed(fmt::format("{}; quantity is not a number of JSON", kShape));
  return bad_field(fmt::format("quantity must be a whole number written in digits, it is {}",
                               token.size() <= kEchoedBytesMax ? token : "far too large"));
}

Admitted<PurchaseBody> read_fields(od::object object) {
  PurchaseBody body;
  bool has_sku = false;
  bool has_quantity = false;
  for (auto item : object) {
    od::field field;
    if (const auto error = std::move(item).get(field)) return malformed(error);
    std::string_view name;
    if (const auto error = field.unescaped_key().get(name)) return malformed(error);
    const bool is_sku_field = name == "sku";
    if (!is_sku_field && name != "quantity") {
      return bad_field(fmt::format("The field {} is not known; a purchase has sku and quantity",
                                   name.size() <= kEchoedBytesMax ? std::string(name) : "with the long name"));
    }
    bool& seen = is_sku_field ? has_sku : has_quantity;
    if (seen) return malformed(fmt::format("The field {} stands there twice", name));
    seen = true;
    auto refusal = is_sku_field ? read_sku(field.value(), body) : read_quantity(field.value(), body);
    if (refusal) return std::move(*refusal);
  }
  if (!has_sku) return bad_field("The field sku is missing");
  if (!has_quantity) return bad_field("The field quantity is missing");
  return body;
}

}  // namespace

PurchaseJson::PurchaseJson() : parser_(std::make_unique<Parser>()) {}
PurchaseJson::~PurchaseJson() = default;

Admitted<PurchaseBody> PurchaseJson::read(std::string_view body) {
  CHECK(body.size() <= kBodyBytesMax);
  if (body.empty()) return malformed(fmt::format("{}; it is empty", kShape));
  std::memcpy(parser_->text.data(), body.data(), body.size());
  std::memset(parser_->text.data() + body.size(), 0, simdjson::SIMDJSON_PADDING);
  od::document document;
  const simdjson::padded_string_view padded(parser_->text.data(), body.size(), parser_->text.size());
  if (const auto error = parser_->json.iterate(padded).get(document)) return malformed(error);
  od::json_type type{};
  if (const auto error = document.type().get(type)) return malformed(error);
  if (type != od::json_type::object) return malformed(fmt::format("{}; it is {}", kShape, kind_name(type)));
  od::object object;
  if (const auto error = document.get_object().get(object)) return malformed(error);
  Admitted<PurchaseBody> read = read_fields(object);
  if (std::holds_alternative<Refusal>(read)) return read;
  const char* rest = nullptr;
  if (document.current_location().get(rest) != simdjson::OUT_OF_BOUNDS)
    return malformed("Something stands after the JSON object");
  return read;
}

}  // namespace sluice
