// The one-block calls of OpenSSL cost a third of EVP's, which fetches and allocates for each message.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "schemas/fingerprint.h"

#include <openssl/sha.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>
#include <iterator>

namespace sluice {
namespace {

std::uint64_t big_endian(const unsigned char* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | bytes[i];
  return value;
}

void hash(SHA256_CTX& context, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) {
    const auto length = static_cast<unsigned char>(part.size());
    SHA256_Update(&context, &length, 1);
    SHA256_Update(&context, part.data(), part.size());
  }
}

Fingerprint finish(SHA256_CTX& context) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256_Final(digest.data(), &context);
  return {big_endian(digest.data()), big_endian(digest.data() + 8)};
}

Fingerprint fingerprint(std::initializer_list<std::string_view> parts) {
  SHA256_CTX context;
  SHA256_Init(&context);
  hash(context, parts);
  return finish(context);
}

constexpr std::size_t kBlock = SHA256_CBLOCK;
constexpr std::size_t kPaddingMin = 1 + sizeof(std::uint64_t);  // a set bit, and the length of it all in bits

// The last blocks of a message, padded as FIPS 180-4, 5.1.1, says.
class LastBlocks {
 public:
  static constexpr std::size_t kBytesMax = 2 * kBlock - kPaddingMin;

  void append(std::string_view part) {
    bytes_[size_++] = static_cast<unsigned char>(part.size());
    std::memcpy(bytes_.data() + size_, part.data(), part.size());
    size_ += part.size();
  }

  void hash_into(SHA256_CTX& context, std::size_t bytes_before) {
    const std::uint64_t bits = 8 * (bytes_before + size_);
    const std::size_t end = size_ + kPaddingMin > kBlock ? 2 * kBlock : kBlock;
    bytes_[size_] = 0x80;
    std::memset(bytes_.data() + size_ + 1, 0, end - size_ - 1);
    for (std::size_t i = 0; i < sizeof bits; ++i) bytes_[end - 1 - i] = static_cast<unsigned char>(bits >> (8 * i));
    for (std::size_t begin = 0; begin < end; begin += kBlock) SHA256_Transform(&context, bytes_.data() + begin);
  }

 private:
  std::array<unsigned char, 2 * kBlock> bytes_;
  std::size_t size_ = 0;
};

}  // namespace

Fingerprint purchase_fingerprint(std::string_view user, std::string_view sku, std::string_view request_key) {
  return PurchaseKeys(sku).of(user, request_key);
}

PurchaseKeys::PurchaseKeys(std::string_view sku) {
  constexpr std::string_view kUse = "purchase";
  constexpr std::array<unsigned char, kBlock> kZeros{};
  SHA256_CTX context;
  SHA256_Init(&context);
  hash(context, {kUse, sku});
  const std::size_t bytes = 1 + kUse.size() + 1 + sku.size();
  hashed_ = (bytes + kBlock - 1) / kBlock * kBlock;
  SHA256_Update(&context, kZeros.data(), hashed_ - bytes);
  std::copy(std::begin(context.h), std::end(context.h), state_.begin());
}

// One pass over prepared blocks: half of what the calls for messages of any length cost.
Fingerprint PurchaseKeys::of(std::string_view user, std::string_view request_key) const {
  SHA256_CTX context;
  if (2 + user.size() + request_key.size() > LastBlocks::kBytesMax) {  // no well-formed purchase has such a key
    SHA256_Init(&context);
    std::copy(state_.begin(), state_.end(), std::begin(context.h));
    context.Nl = static_cast<SHA_LONG>(8 * hashed_);
    hash(context, {user, request_key});
    return finish(context);
  }
  LastBlocks last;
  last.append(user);
  last.append(request_key);
  std::copy(state_.begin(), state_.end(), std::begin(context.h));
  last.hash_into(context, hashed_);
  const auto word = [&context](int i) { return std::uint64_t{context.h[i]} << 32 | context.h[i + 1]; };
  return {word(0), word(2)};
}

Fingerprint admin_fingerprint(std::string_view request_key) { return fingerprint({"admin", request_key}); }

Fingerprint sale_fingerprint(std::string_view sku, std::string_view sale_id) { return fingerprint({"sale", sku, sale_id}); }

Fingerprint user_fingerprint(std::string_view user) {
  const XXH128_hash_t hash = XXH3_128bits(user.data(), user.size());
  return {hash.high64, hash.low64};
}

std::uint64_t content_fingerprint(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

}  // namespace sluice
