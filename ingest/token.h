// Adapter (libjwt): whose request it is: JSON web tokens (RFC 7519) signed with HS256.
#pragma once

#include <string>
#include <string_view>

#include "ingest/problems.h"
#include "schemas/ids.h"

namespace sluice {

class TokenCheck {
 public:
  // `scope`: one that the token's `scope` (space separated, RFC 8693) must contain; empty: none.
  explicit TokenCheck(std::string secret, std::string scope = {});

  // The `sub` of the token in an Authorization header. The token must be signed with HS256 and our secret, carry an `exp` that
  // lies ahead and, if it has `nbf`, one that does not, and a `sub` of 1 to 64 bytes without control characters.
  Admitted<std::string> user(std::string_view authorization, UnixMillis now) const;

 private:
  const std::string secret_;
  const std::string scope_;
};

}  // namespace sluice
