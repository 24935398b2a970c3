// Adapter (libjwt): tokens as the shop would issue them, and as nobody should.
#pragma once

#include <jwt.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "runtime/check.h"

namespace sluice {

struct Claims {
  const char* sub = "u-1";
  long exp = 0;  // 0: none
  long nbf = 0;
  const char* scope = nullptr;
  jwt_alg_t algorithm = JWT_ALG_HS256;
  std::string secret = "0123456789abcdef0123456789abcdef";
};

// The value of an Authorization header.
inline std::string bearer(const Claims& claims) {
  jwt_t* token = nullptr;
  CHECK(jwt_new(&token) == 0);
  if (claims.sub != nullptr) jwt_add_grant(token, "sub", claims.sub);
  if (claims.exp != 0) jwt_add_grant_int(token, "exp", claims.exp);
  if (claims.nbf != 0) jwt_add_grant_int(token, "nbf", claims.nbf);
  if (claims.scope != nullptr) jwt_add_grant(token, "scope", claims.scope);
  const auto* const key = reinterpret_cast<const unsigned char*>(claims.secret.data());
  const bool is_signed = claims.algorithm != JWT_ALG_NONE;
  CHECK(jwt_set_alg(token, claims.algorithm, is_signed ? key : nullptr,
                    is_signed ? static_cast<int>(claims.secret.size()) : 0) == 0);
  const std::unique_ptr<char, void (*)(void*)> text(jwt_encode_str(token), std::free);
  jwt_free(token);
  return "Bearer " + std::string(text.get());
}

}  // namespace sluice
