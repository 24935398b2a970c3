// Adapter (OpenSSL): a Lua script with the name under which Redis caches it.
#pragma once

#include <string>
#include <string_view>

namespace sluice {

class RedisScript {
 public:
  explicit RedisScript(std::string_view source);

  const std::string& source() const { return source_; }
  const std::string& sha1() const { return sha1_; }  // 40 hex digits, lower case, as EVALSHA wants them

 private:
  std::string source_;
  std::string sha1_;
};

}  // namespace sluice
