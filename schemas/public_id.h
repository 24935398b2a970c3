// Pure: what the outside world calls an order or a ticket: a text that only its user can use and that nobody can count up.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/ids.h"

namespace sluice {

// 25 characters of Crockford's base32 (https://www.crockford.com/base32.html): 13 for the 64 bits of the ticket, then 12 for
// the first 60 bits of HMAC-SHA256(key, "sluice order id" | ticket, 8 bytes big endian | user). Small letters, O for 0, I and L
// for 1, and hyphens anywhere are read too, since people copy ids by hand.
class PublicIds {
 public:
  static constexpr std::size_t kTextBytes = 25;
  static constexpr std::size_t kKeyBytesMin = 16;

  // Ids are written with the first key and read with every key. To change keys: append the new one everywhere, then put it
  // first, then drop the old one when no id written with it is of use any more. REQUIRES: at least one key; each has at least
  // kKeyBytesMin bytes.
  explicit PublicIds(std::vector<std::string> keys);

  std::string write(Ticket ticket, std::string_view user) const;

  // Nothing: it is no id, or not one of this user. The time it takes does not depend on how wrong it is.
  std::optional<Ticket> read(std::string_view text, std::string_view user) const;

  // For callers who are trusted and are nobody's user, like a payment gateway or an administrator: the ticket that the text
  // names. Nothing: it is no id. Whose it is cannot be checked without its user, so an id copied wrongly may name another
  // order.
  static std::optional<Ticket> read_trusted(std::string_view text);

 private:
  std::vector<std::string> keys_;
};

}  // namespace sluice
