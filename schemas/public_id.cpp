#include "schemas/public_id.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <utility>

#include "runtime/check.h"

namespace sluice {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view kPurpose = "sluice order id";
constexpr int kBitsPerCharacter = 5;
constexpr int kTicketCharacters = 13;
constexpr int kProofCharacters = 12;
constexpr int kProofBits = kBitsPerCharacter * kProofCharacters;
static_assert(PublicIds::kTextBytes == kTicketCharacters + kProofCharacters);

void append_base32(std::string& text, std::uint64_t value, int characters) {
  for (int i = characters - 1; i >= 0; --i) text += kAlphabet[value >> (kBitsPerCharacter * i) & 31];
}

std::optional<std::uint64_t> digit_of(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (c == 'O') c = '0';
  if (c == 'I' || c == 'L') c = '1';
  const std::size_t digit = kAlphabet.find(c);
  if (digit == std::string_view::npos) return std::nullopt;
  return digit;
}

struct Parts {
  std::uint64_t ticket = 0;
  std::uint64_t proof = 0;
};

std::optional<Parts> parse(std::string_view text) {
  Parts parts;
  int characters = 0;
  for (const char c : text) {
    if (c == '-') continue;
    const auto digit = digit_of(c);
    // The first of 13 characters has room for one bit more than a ticket has.
    if (!digit || characters == kTicketCharacters + kProofCharacters || (characters == 0 && *digit > 15)) return std::nullopt;
    std::uint64_t& part = characters < kTicketCharacters ? parts.ticket : parts.proof;
    part = part << kBitsPerCharacter | *digit;
    ++characters;
  }
  if (characters != kTicketCharacters + kProofCharacters) return std::nullopt;
  return parts;
}

std::uint64_t proof_of(std::string_view key, Ticket ticket, std::string_view user) {
  std::string message(kPurpose);
  for (int shift = 56; shift >= 0; shift -= 8) message += static_cast<char>(ticket.value >> shift & 0xff);
  message += user;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> mac;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(message.data());
  CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, message.size(), mac.data(), nullptr) != nullptr);
  std::uint64_t first = 0;
  for (int i = 0; i < 8; ++i) first = first << 8 | mac[i];
  return first >> (64 - kProofBits);
}

}  // namespace

PublicIds::PublicIds(std::vector<std::string> keys) : keys_(std::move(keys)) {
  CHECK(!keys_.empty());
  for (const std::string& key : keys_) CHECK(key.size() >= kKeyBytesMin);
}

std::string PublicIds::write(Ticket ticket, std::string_view user) const {
  std::string text;
  text.reserve(kTextBytes);
  append_base32(text, ticket.value, kTicketCharacters);
  append_base32(text, proof_of(keys_.front(), ticket, user), kProofCharacters);
  return text;
}

std::optional<Ticket> PublicIds::read(std::string_view text, std::string_view user) const {
  const auto parts = parse(text);
  if (!parts) return std::nullopt;
  bool proven = false;
  for (const std::string& key : keys_) {
    const std::uint64_t proof = proof_of(key, Ticket{parts->ticket}, user);
    proven |= CRYPTO_memcmp(&proof, &parts->proof, sizeof proof) == 0;
  }
  if (!proven) return std::nullopt;
  return Ticket{parts->ticket};
}

std::optional<Ticket> PublicIds::read_trusted(std::string_view text) {
  const auto parts = parse(text);
  return parts ? std::optional(Ticket{parts->ticket}) : std::nullopt;
}

}  // namespace sluice
