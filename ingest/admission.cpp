#include "ingest/admission.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "ingest/http_words.h"
#include "schemas/intent_format.h"
#include "schemas/partitioner.h"

namespace sluice {
namespace {

// Digits only; what is too large for an int is as much as can be waited.
std::optional<int> seconds_in(std::string_view text) {
  const bool digits = !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) return std::nullopt;
  int seconds = kWaitSecondsMax;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  return failure == std::errc() ? std::min(seconds, kWaitSecondsMax) : kWaitSecondsMax;
}

int preferred_wait(std::string_view prefer, int otherwise) {
  while (!prefer.empty()) {
    std::string_view preference = next_part(prefer, ',');
    preference = next_part(preference, ';');  // what follows are parameters
    const std::string_view name = next_part(preference, '=');
    if (!same_word(name, "wait")) continue;
    if (preference.size() >= 2 && preference.front() == '"' && preference.back() == '"') {
      preference = preference.substr(1, preference.size() - 2);
    }
    return seconds_in(trimmed(preference)).value_or(otherwise);  // the first one counts (RFC 7240, section 2)
  }
  return otherwise;
}

bool is_json(std::string_view content_type) {
  const std::string_view media = next_part(content_type, ';');
  if (!same_word(media, "application/json")) return false;
  while (!content_type.empty()) {
    std::string_view parameter = next_part(content_type, ';');
    const std::string_view name = next_part(parameter, '=');
    if (same_word(name, "charset") && !same_word(parameter, "utf-8") && !same_word(parameter, "\"utf-8\"")) return false;
  }
  return true;
}

}  // namespace

Admitted<int> wait_seconds(const HttpRequest& request, int otherwise) {
  if (request.wait.empty()) return preferred_wait(request.prefer, otherwise);
  const std::optional<int> seconds = seconds_in(request.wait);
  if (!seconds) {
    return Refusal{Problem::kBadWait, fmt::format("wait must be a whole number of seconds from 0 to {}", kWaitSecondsMax)};
  }
  return *seconds;
}

std::optional<Refusal> problem_with_type(const HttpRequest& request) {
  if (is_json(request.content_type)) return std::nullopt;
  return Refusal{Problem::kNotJson, "Send the header Content-Type: application/json, and JSON in UTF-8"};
}

Admitted<std::string_view> admit_key(const HttpRequest& request) {
  std::string_view key = trimmed(request.idempotency_key);
  if (key.size() >= 2 && key.front() == '"' && key.back() == '"') key = key.substr(1, key.size() - 2);
  if (key.empty()) {
    return Refusal{Problem::kBadKey,
                   "Send the header Idempotency-Key with a new random value (a UUID) for each act, and the same one again "
                   "when you repeat a request"};
  }
  const bool visible = std::ranges::all_of(key, [](char c) { return c > ' ' && c < 0x7F && c != '"' && c != '\\'; });
  if (!visible || key.size() > kNameBytesMax) {
    return Refusal{Problem::kBadKey,
                   fmt::format("The Idempotency-Key must be 1 to {} visible ASCII characters without quotes and "
                               "backslashes; a UUID is good",
                               kNameBytesMax)};
  }
  return key;
}

Admitted<AdmittedPurchase> admit_purchase(std::string_view user, std::string_view key, std::string_view sku,
                                          std::uint32_t quantity, int partitions, v1::Intent& intent) {
  intent.set_magic(kIntentMagic);
  v1::Purchase& purchase = *intent.mutable_purchase();
  purchase.set_sku(sku.data(), sku.size());
  purchase.set_user(user.data(), user.size());
  purchase.set_request_key(key.data(), key.size());
  purchase.set_quantity(quantity);
  if (std::string problem = problem_with(purchase); !problem.empty()) return Refusal{Problem::kBadField, std::move(problem)};
  return AdmittedPurchase{purchase_fingerprint(user, sku, key), partition_of(sku, partitions), quantity};
}

}  // namespace sluice
