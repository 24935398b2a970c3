#include "tests/ingest/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>

#include "ingest/http_words.h"
#include "runtime/check.h"

namespace sluice {
namespace {

constexpr int kPatienceSeconds = 20;

std::string small_letters(std::string_view text) {
  std::string small(text);
  for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return small;
}

std::string request(std::string_view line, std::string_view headers, std::string_view body) {
  return std::string(line).append(" HTTP/1.1\r\nHost: test\r\n").append(headers).append("\r\n").append(body);
}

}  // namespace

RawClient::RawClient(int port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  CHECK(socket_ >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{.tv_sec = kPatienceSeconds, .tv_usec = 0};
  const int at_once = 1;
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
  connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);  // if it fails, read() finds nothing
}

RawClient::~RawClient() { close(socket_); }

// A server that has answered and closed may not take all of it: that is for read() to see.
void RawClient::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool RawClient::receive() {
  std::array<char, 4096> bytes{};
  const ssize_t size = recv(socket_, bytes.data(), bytes.size(), 0);
  if (size <= 0) return false;
  received_.append(bytes.data(), static_cast<std::size_t>(size));
  return true;
}

std::optional<RawAnswer> RawClient::read() {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive()) return std::nullopt;
  }
  RawAnswer answer;
  answer.status = std::stoi(received_.substr(received_.find(' ') + 1, 3));
  std::string_view lines = std::string_view(received_).substr(0, end);
  next_part(lines, '\n');
  while (!lines.empty()) {
    std::string_view line = next_part(lines, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string name = small_letters(next_part(line, ':'));
    answer.headers[name] = trimmed(line);
  }
  received_.erase(0, end + 4);
  const std::size_t size = answer.headers.contains("content-length") ? std::stoul(answer.headers["content-length"]) : 0;
  while (received_.size() < size) {
    if (!receive()) return std::nullopt;
  }
  answer.body = received_.substr(0, size);
  received_.erase(0, size);
  return answer;
}

bool RawClient::is_closed() {
  std::array<char, 1> byte{};
  return received_.empty() && recv(socket_, byte.data(), 1, 0) == 0;
}

std::string http_post(std::string_view path, std::string_view headers, std::string_view body) {
  const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return request("POST " + std::string(path), std::string(headers) + length, body);
}

std::string http_get(std::string_view path, std::string_view headers) {
  return request("GET " + std::string(path), headers, "");
}

}  // namespace sluice
