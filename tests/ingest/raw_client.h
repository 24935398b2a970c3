// Adapter (POSIX): a connection to an HTTP server that sends exactly the bytes that a test says.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

struct RawAnswer {
  int status = 0;
  std::map<std::string, std::string> headers = {};  // names in small letters
  std::string body = {};
};

class RawClient {
 public:
  // To 127.0.0.1. If nobody listens there, nothing is ever read.
  explicit RawClient(int port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void send(std::string_view bytes) const;
  // The next answer; nothing when the connection was closed instead, or after 20 seconds.
  std::optional<RawAnswer> read();
  // Whether the server closes the connection within 20 seconds without sending more.
  bool is_closed();

 private:
  bool receive();

  int socket_;
  std::string received_;
};

// "POST /v1/orders HTTP/1.1" with these header lines and a body of declared length.
std::string http_post(std::string_view path, std::string_view headers, std::string_view body);
std::string http_get(std::string_view path, std::string_view headers = {});

}  // namespace sluice
