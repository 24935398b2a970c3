#include "runtime/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

namespace sluice {
namespace {

bool is_ip_address(const std::string& text) {
  in6_addr address{};
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1 || ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

}  // namespace

TextRule ip_address() { return {"an IP address", &is_ip_address}; }

}  // namespace sluice
