// Adapter (OpenSSL): signs as a payment gateway does.
#pragma once

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <string>
#include <string_view>

namespace sluice {

inline std::string signature_hex(std::string_view secret, long seconds, std::string_view body) {
  const std::string message = fmt::format("{}.{}", seconds, body);
  std::array<unsigned char, 32> mac{};
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(message.data()),
       message.size(), mac.data(), nullptr);
  std::string hex;
  for (const unsigned char byte : mac) hex += fmt::format("{:02x}", byte);
  return hex;
}

// The value of a Sluice-Signature header.
inline std::string sluice_signature(std::string_view secret, long seconds, std::string_view body) {
  return fmt::format("t={},v1={}", seconds, signature_hex(secret, seconds, body));
}

}  // namespace sluice
