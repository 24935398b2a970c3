// Adapter (libjwt): whose request it is: JSON web tokens (RFC 7519) signed with HS256.
#pragma once

#include <string>
#include <string_view>

#include "ingest/ports.h"
#include "ingest/problems.h"
#include "schemas/ids.h"

namespace sluice {

class TokenCheck {
 public:
  // What a token's `scope` (space separated, RFC 8693) must contain: a buyer's (empty: nothing) and an administrator's (never
  // empty).
  struct Scopes {
    std::string buyer = {};
    std::string admin = "sluice:admin";
  };
  TokenCheck(std::string secret, Scopes scopes);

  // The `sub` of the token in an Authorization header. The token must be signed with HS256 and our secret, carry an `exp` that
  // lies ahead and, if it has `nbf`, one that does not, and a `sub` of 1 to 64 bytes without control characters.
  Admitted<std::string> user(std::string_view authorization, Role role, UnixMillis now) const;

 private:
  const std::string secret_;
  const Scopes scopes_;
};

}  // namespace sluice
