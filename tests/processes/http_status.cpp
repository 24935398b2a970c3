#include "tests/processes/http_status.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace sluice {
namespace {

// At most `bytes_max` of the answer; HTTP/1.0, so that the server ends it.
std::string answer_to(int port, const std::string& path, std::size_t bytes_max) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    const std::string request = "GET " + path + " HTTP/1.0\r\n\r\n";
    std::array<char, 4096> bytes{};
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
      ssize_t size = 0;
      while (answer.size() < bytes_max && (size = recv(fd, bytes.data(), bytes.size(), 0)) > 0) {
        answer.append(bytes.data(), static_cast<std::size_t>(size));
      }
    }
  }
  close(fd);
  return answer;
}

}  // namespace

std::string http_status(int port, const std::string& path) {
  constexpr std::string_view kBefore = "HTTP/1.1 ";
  const std::string answer = answer_to(port, path, kBefore.size() + 3);
  return answer.size() < kBefore.size() + 3 ? std::string() : answer.substr(kBefore.size(), 3);
}

std::string http_text(int port, const std::string& path) { return answer_to(port, path, std::size_t{1} << 20); }

}  // namespace sluice
