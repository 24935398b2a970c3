#include "ingest/webhook.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <array>
#include <charconv>

#include "ingest/http_words.h"
#include "runtime/check.h"

namespace sluice {
namespace {

constexpr UnixMillis kMillisPerSecond = 1000;
constexpr std::size_t kSecondsDigitsMax = 12;
constexpr std::string_view kForm = "Sluice-Signature must be t=<Unix seconds>,v1=<64 hexadecimal digits>";

using Mac = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

Refusal bad_signature(std::string detail) { return {Problem::kBadSignature, std::move(detail)}; }

std::optional<unsigned char> digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned char>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned char>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned char>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<Mac> parse_mac(std::string_view hex) {
  Mac mac{};
  if (hex.size() != 2 * mac.size()) return std::nullopt;
  for (std::size_t i = 0; i < mac.size(); ++i) {
    const auto high = digit_of(hex[2 * i]);
    const auto low = digit_of(hex[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    mac[i] = static_cast<unsigned char>(*high << 4 | *low);
  }
  return mac;
}

Mac mac_of(std::string_view secret, std::string_view seconds, std::string_view body) {
  std::string message;
  message.reserve(seconds.size() + 1 + body.size());
  message.append(seconds).append(".").append(body);
  Mac mac;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(message.data());
  CHECK(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes, message.size(), mac.data(), nullptr) !=
        nullptr);
  return mac;
}

struct Signature {
  std::string_view seconds;  // as they were signed
  UnixMillis moment = 0;
  std::vector<Mac> macs;
};

// What other schemes (v0=…) say is passed over, as they may be there for others.
std::optional<Signature> parse(std::string_view header) {
  Signature signature;
  while (!header.empty()) {
    std::string_view value = next_part(header, ',');
    const std::string_view name = next_part(value, '=');
    if (name == "t") {
      const bool again = !signature.seconds.empty();
      const bool digits = value.find_first_not_of("0123456789") == std::string_view::npos;
      if (again || value.empty() || value.size() > kSecondsDigitsMax || !digits) return std::nullopt;
      signature.seconds = value;
      std::from_chars(value.data(), value.data() + value.size(), signature.moment);
      signature.moment *= kMillisPerSecond;
    } else if (name == "v1") {
      const std::optional<Mac> mac = parse_mac(value);
      if (!mac) return std::nullopt;
      signature.macs.push_back(*mac);
    }
  }
  if (signature.seconds.empty() || signature.macs.empty()) return std::nullopt;
  return signature;
}

}  // namespace

std::optional<Refusal> WebhookCheck::problem_with(std::string_view header, std::string_view body, UnixMillis now) const {
  if (secrets_.empty()) {
    return Refusal{Problem::kNoWebhook, "Set webhook.secret_files to the secrets that the payment gateway signs with"};
  }
  if (header.empty()) return bad_signature(fmt::format("The header Sluice-Signature is missing. {}", kForm));
  const std::optional<Signature> signature = parse(header);
  if (!signature) return bad_signature(std::string(kForm));
  bool genuine = false;
  for (const std::string& secret : secrets_) {
    const Mac expected = mac_of(secret, signature->seconds, body);
    for (const Mac& mac : signature->macs) genuine |= CRYPTO_memcmp(mac.data(), expected.data(), mac.size()) == 0;
  }
  if (!genuine) {
    return bad_signature(
        "No v1 is the HMAC-SHA256 of \"<t>.<body>\" with a secret of this server. Sign the bytes of the body as they are sent");
  }
  const UnixMillis ahead = signature->moment - now;
  if (ahead >= -tolerance_ms_ && ahead <= tolerance_ms_) return std::nullopt;
  return bad_signature(fmt::format("It was signed {} s {} this server's clock, and {} s are allowed. Sign each delivery anew",
                                   (ahead < 0 ? -ahead : ahead) / kMillisPerSecond, ahead < 0 ? "before" : "after",
                                   tolerance_ms_ / kMillisPerSecond));
}

}  // namespace sluice
