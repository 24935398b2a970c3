#include "ingest/token.h"

#include <jwt.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>

#include "ingest/http_words.h"
#include "runtime/check.h"
#include "schemas/intent_format.h"

namespace sluice {
namespace {

constexpr UnixMillis kMillisPerSecond = 1000;
constexpr std::size_t kTokenBytesMax = 4096;

struct FreeToken {
  void operator()(jwt_t* token) const { jwt_free(token); }
};
using Token = std::unique_ptr<jwt_t, FreeToken>;

Refusal bad_token(const char* detail) { return {Problem::kBadToken, detail}; }

// The token of "Bearer <token>"; the scheme's case does not matter (RFC 9110).
std::string_view bearer(std::string_view authorization) {
  const std::string_view scheme = next_part(authorization, ' ');
  return same_word(scheme, "bearer") ? trimmed(authorization) : std::string_view();
}

// A whole number of seconds; nothing if there is none.
std::optional<long> seconds(jwt_t* token, const char* name) {
  errno = 0;
  const long value = jwt_get_grant_int(token, name);
  if (errno != 0) return std::nullopt;
  return value;
}

std::optional<Refusal> problem_with_time(jwt_t* token, UnixMillis now) {
  const std::optional<long> expires = seconds(token, "exp");
  if (!expires) return bad_token("The token has no exp, a time after which it is not valid any more");
  if (*expires <= now / kMillisPerSecond) return bad_token("The token has expired; log in again");
  const std::optional<long> begins = seconds(token, "nbf");
  if (begins && *begins > now / kMillisPerSecond) return bad_token("The token is not valid yet");
  return std::nullopt;
}

bool contains_word(std::string_view words, std::string_view wanted) {
  while (!words.empty()) {
    if (next_part(words, ' ') == wanted) return true;
  }
  return false;
}

}  // namespace

TokenCheck::TokenCheck(std::string secret, Scopes scopes) : secret_(std::move(secret)), scopes_(std::move(scopes)) {
  CHECK(!scopes_.admin.empty());
}

Admitted<std::string> TokenCheck::user(std::string_view authorization, Role role, UnixMillis now) const {
  const std::string_view text = bearer(authorization);
  if (text.empty()) return bad_token("Send the header Authorization: Bearer <token>");
  if (text.size() > kTokenBytesMax) return bad_token("The token is longer than 4096 bytes");
  jwt_t* decoded = nullptr;
  const auto* const key = reinterpret_cast<const unsigned char*>(secret_.data());
  if (jwt_decode(&decoded, std::string(text).c_str(), key, static_cast<int>(secret_.size())) != 0) {
    return bad_token("The token is malformed, or its signature is not valid");
  }
  const Token token(decoded);
  // The library takes the algorithm from the token, so it must be ours to choose (RFC 8725, section 3.1).
  if (jwt_get_alg(token.get()) != JWT_ALG_HS256) return bad_token("The token must be signed with HS256");
  if (auto refusal = problem_with_time(token.get(), now)) return std::move(*refusal);
  const char* const subject = jwt_get_grant(token.get(), "sub");
  const std::string_view user = subject == nullptr ? "" : subject;
  const bool printable = std::ranges::all_of(user, [](unsigned char c) { return c >= ' ' && c != 0x7F; });
  if (user.empty() || user.size() > kNameBytesMax || !printable) {
    return bad_token("The token's sub must be 1 to 64 bytes without control characters");
  }
  const std::string& scope = role == Role::kAdmin ? scopes_.admin : scopes_.buyer;
  if (!scope.empty()) {
    const char* const scopes = jwt_get_grant(token.get(), "scope");
    if (!contains_word(scopes == nullptr ? "" : scopes, scope)) {
      return Refusal{Problem::kForbidden, "The token's scope must contain " + scope};
    }
  }
  return std::string(user);
}

}  // namespace sluice
