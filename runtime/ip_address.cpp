#include "runtime/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

namespace sluice {
namespace {

bool is_ipv4_address(const std::string& text) {
  in_addr address{};
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool is_ip_address(const std::string& text) {
  in6_addr address{};
  return is_ipv4_address(text) || ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

}  // namespace

TextRule ip_address() { return {"an IP address", &is_ip_address}; }
TextRule ipv4_address() { return {"an IPv4 address", &is_ipv4_address}; }

}  // namespace sluice
