// Adapter (libcurl): many requests at once over a bounded pool of connections that are kept alive. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/result.h"

namespace sluice {

struct HttpCall {
  std::uint64_t tag = 0;    // given back with the reply
  std::string path = {};    // with its query
  std::string bearer = {};  // token
  std::string key = {};     // Idempotency-Key; empty: none
  bool post = false;        // otherwise a GET
  std::string body = {};    // JSON of a POST; may be empty
  int wait_seconds = 0;     // that the server may hold a POST back for its verdict; 0: not at all
  std::chrono::milliseconds time_out{10'000};
};

struct HttpReply {
  std::uint64_t tag = 0;
  int status = 0;  // 0: no answer, see `problem`
  std::string body = {};
  std::int64_t retry_after_seconds = 0;  // 0: the server said nothing
  std::string problem = {};
};

// Nobody knows whether the server did what was asked.
bool is_unknown(const HttpReply& reply);

// In a few words. REQUIRES: is_unknown(reply).
std::string why_unknown(const HttpReply& reply);

class HttpPool {
 public:
  // `front`: http://host:port. At most `connections` requests are under way, each on a connection of its own.
  static Result<std::unique_ptr<HttpPool>> open(std::string front, int connections);
  ~HttpPool();
  HttpPool(const HttpPool&) = delete;
  HttpPool& operator=(const HttpPool&) = delete;

  bool has_room() const;

  // REQUIRES: has_room().
  void send(HttpCall call);

  // What was answered; waits at most `limit` for the first. The same vector each time, overwritten.
  std::vector<HttpReply>& wait(std::chrono::milliseconds limit);

 private:
  struct Slot;
  struct Library;
  explicit HttpPool(std::string front);
  void take_finished();

  std::string front_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Slot*> free_;
  std::vector<HttpReply> replies_;
  std::unique_ptr<Library> library_;
};

}  // namespace sluice
