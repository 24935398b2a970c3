#include "redis/script.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

#include "runtime/check.h"

namespace sluice {

RedisScript::RedisScript(std::string_view source) : source_(source) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  CHECK(EVP_Digest(source_.data(), source_.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1);
  for (unsigned int i = 0; i < size; ++i) sha1_ += fmt::format("{:02x}", digest[i]);
}

}  // namespace sluice
