// Pure: fingerprints of requests and users. They stand in records and are keys of the ledger's tables, so they are part of the
// format: SHA-256, since buyers choose the bytes and a collision would hand one buyer another's order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace sluice {

struct Fingerprint {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const Fingerprint&) const = default;

  template <typename H>
  friend H AbslHashValue(H state, const Fingerprint& f) {
    return H::combine(std::move(state), f.high, f.low);
  }
};

// The first 16 bytes (big endian) of SHA-256 over "purchase" and the SKU, each preceded by its length as one byte, then zeros
// up to a multiple of 64 bytes, then the user and the request key, each preceded by its length. REQUIRES: each at most 255
// bytes.
//
// What an attacker could gain: a request of his own with the fingerprint of a victim's would be ruled a repetition of it. The
// victim's key is random and not the attacker's to choose, so a collision of two of his own does not help him; he needs a
// second preimage, of 128 bits.
Fingerprint purchase_fingerprint(std::string_view user, std::string_view sku, std::string_view request_key);

// The same for many purchases of one SKU. Its part fills whole blocks, which are hashed once; a user and a key of usual length
// fit into the one block that is left for each.
class PurchaseKeys {
 public:
  explicit PurchaseKeys(std::string_view sku);

  Fingerprint of(std::string_view user, std::string_view request_key) const;

 private:
  std::array<std::uint32_t, 8> state_;
  std::size_t hashed_;  // bytes
};

// The first 16 bytes of SHA-256 over "admin" and the request key, which is unique among all administrative acts of a partition;
// each preceded by its length as one byte.
Fingerprint admin_fingerprint(std::string_view request_key);

// The same over "sale", the SKU and the sale's id: keeps a sale that was replaced from being started again.
Fingerprint sale_fingerprint(std::string_view sku, std::string_view sale_id);

// XXH3 (128 bits) of the user. Only a key of tables in memory, never of the format, and no SHA-256: two users who made their
// ids collide would share one limit per user, and gain nothing.
Fingerprint user_fingerprint(std::string_view user);

// 64 bits (XXH3) of what a keyed request asks for, to tell a repetition from a key used twice. `bytes`: the message with its
// request key cleared, serialised. A purchase needs no hash: its content is its quantity.
std::uint64_t content_fingerprint(std::string_view bytes);

}  // namespace sluice
