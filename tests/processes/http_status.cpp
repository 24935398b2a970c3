#include "tests/processes/http_status.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace sluice {

std::string http_status(int port, const std::string& path) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    const std::string request = "GET " + path + " HTTP/1.0\r\n\r\n";
    std::array<char, 64> bytes{};
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
      const ssize_t size = recv(fd, bytes.data(), bytes.size(), 0);
      if (size > 0) answer.assign(bytes.data(), static_cast<std::size_t>(size));
    }
  }
  close(fd);
  constexpr std::string_view kBefore = "HTTP/1.1 ";
  return answer.size() < kBefore.size() + 3 ? std::string() : answer.substr(kBefore.size(), 3);
}

}  // namespace sluice
