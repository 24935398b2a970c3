// The one-block calls of OpenSSL cost a third of EVP's, which fetches and allocates for each message.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "schemas/fingerprint.h"

#include <openssl/sha.h>
#include <xxhash.h>

#include <array>
#include <initializer_list>

namespace sluice {
namespace {

std::uint64_t big_endian(const unsigned char* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | bytes[i];
  return value;
}

Fingerprint fingerprint(std::initializer_list<std::string_view> parts) {
  SHA256_CTX context;
  SHA256_Init(&context);
  for (const std::string_view part : parts) {
    const auto length = static_cast<unsigned char>(part.size());
    SHA256_Update(&context, &length, 1);
    SHA256_Update(&context, part.data(), part.size());
  }
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256_Final(digest.data(), &context);
  return {big_endian(digest.data()), big_endian(digest.data() + 8)};
}

}  // namespace

Fingerprint purchase_fingerprint(std::string_view user, std::string_view sku, std::string_view request_key) {
  return fingerprint({"purchase", user, sku, request_key});
}

Fingerprint admin_fingerprint(std::string_view request_key) { return fingerprint({"admin", request_key}); }

Fingerprint sale_fingerprint(std::string_view sku, std::string_view sale_id) { return fingerprint({"sale", sku, sale_id}); }

Fingerprint user_fingerprint(std::string_view user) {
  const XXH128_hash_t hash = XXH3_128bits(user.data(), user.size());
  return {hash.high64, hash.low64};
}

std::uint64_t content_fingerprint(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

}  // namespace sluice
