// Adapter (libmicrohttpd): the public HTTP server. It has no thread of its own: serve() does what is at hand, and calls
// `on_request` for each request that has arrived whole. A request that is not answered at once is suspended, and costs nothing
// until it is.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "ingest/http.h"
#include "ingest/ports.h"
#include "runtime/result.h"

struct MHD_Daemon;

namespace sluice {

struct HttpSettings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  std::uint32_t connections_max = 10'000;  // beyond, new ones are closed at once
  std::uint32_t idle_seconds = 75;         // a connection without a request is closed; longer than the front keeps its own
};

class HttpServer final : public Answers {
 public:
  // An answer, or nothing if answer() will bring it.
  using OnRequest = std::function<std::optional<HttpAnswer>(Exchange exchange, const HttpRequest& request)>;

  // Requests are served when serve() is called.
  static Result<std::unique_ptr<HttpServer>> listen(const HttpSettings& settings);
  ~HttpServer() override;
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Set before the first serve().
  void on_request(OnRequest callback) { on_request_ = std::move(callback); }

  void serve();
  // Readable when serve() has something to do.
  int descriptor() const;
  // At most `longest`: how long may pass until the next serve() even if nothing becomes readable.
  std::chrono::milliseconds patience(std::chrono::milliseconds longest) const;

  void answer(Exchange exchange, HttpAnswer answer) override;

  // Takes no new connections, and closes each one after its next answer.
  void stop_accepting();

  // Requests that have begun to arrive and are not answered to the last byte.
  std::size_t open() const { return open_.size(); }
  // The port that it listens on, also when port 0 (any free one) was asked for.
  std::uint16_t port() const { return port_; }

 private:
  struct Request;
  struct Hooks;  // the library's callbacks

  HttpServer() = default;

  OnRequest on_request_;
  MHD_Daemon* daemon_ = nullptr;
  std::uint16_t port_ = 0;
  bool stopping_ = false;
  bool resumed_ = false;  // there are answers that serve() has not begun to send
  Exchange last_ = 0;
  absl::flat_hash_map<Exchange, std::unique_ptr<Request>> open_;
};

}  // namespace sluice
