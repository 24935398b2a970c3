#include "stack/buyers/answer.h"

#include <fmt/format.h>
#include <simdjson.h>

namespace sluice {
namespace {

std::string text_of(const simdjson::dom::object& object, std::string_view name) {
  std::string_view text;
  if (object[name].get_string().get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

// RFC 4648, section 5, without padding.
std::optional<std::string> base64url(std::string_view text) {
  std::string bytes;
  unsigned bits = 0;
  int held = 0;
  for (const char c : text) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const std::size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6 | static_cast<unsigned>(digit)) & 0xFFFFFF;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held & 0xFF);
  }
  return bytes;
}

}  // namespace

Answer read_answer(std::string_view body) {
  thread_local simdjson::dom::parser parser;
  Answer answer;
  simdjson::dom::element element;
  if (parser.parse(simdjson::padded_string(body)).get(element) != simdjson::SUCCESS) {
    answer.json = json_quoted(body);
    return answer;
  }
  answer.json = simdjson::minify(element);
  simdjson::dom::object object;
  if (element.get_object().get(object) != simdjson::SUCCESS) return answer;
  answer.ticket = text_of(object, "ticket");
  answer.status = text_of(object, "status");
  answer.reason = text_of(object, "reason");
  answer.order = text_of(object, "order");
  answer.currency = text_of(object, "currency");
  answer.pay_by = text_of(object, "pay_by");
  if (object["amount_minor"].get_int64().get(answer.amount_minor) != simdjson::SUCCESS) answer.amount_minor = 0;
  return answer;
}

std::optional<std::string> subject_of(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const std::optional<std::string> claims = base64url(token.substr(first + 1, second - first - 1));
  if (!claims) return std::nullopt;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(simdjson::padded_string(*claims)).get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
  std::string subject = text_of(object, "sub");
  if (subject.empty()) return std::nullopt;
  return subject;
}

std::string json_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte >= 0x7F) {
      quoted += fmt::format("\\u{:04x}", byte);  // bytes beyond ASCII as if they were Latin-1: the line stays readable
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace sluice
