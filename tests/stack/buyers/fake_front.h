// Adapter (libmicrohttpd): a front that answers as a test says.
#pragma once

#include <microhttpd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct FakeRequest {
  std::string method = {};
  std::string path = {};
  std::string wait = {};  // the query's
  std::string key = {};
  std::string prefer = {};
  std::string bearer = {};
  std::string body = {};
};

struct FakeReply {
  int status = 200;  // 0: the connection is closed without an answer; -1: there never is one
  std::string body = {};
  int retry_after = 0;
};

// Answers on one thread of its own; `answer` is called there.
class FakeFront {
 public:
  explicit FakeFront(std::function<FakeReply(const FakeRequest&)> answer);
  ~FakeFront();
  FakeFront(const FakeFront&) = delete;
  FakeFront& operator=(const FakeFront&) = delete;

  std::string url() const;
  std::vector<FakeRequest> seen() const;
  int connections() const;  // ever accepted

 private:
  static MHD_Result on_request(void* front, MHD_Connection* connection, const char* url, const char* method,
                               const char* version, const char* bytes, std::size_t* byte_count, void** state);
  static void on_end(void* front, MHD_Connection* connection, void** state, MHD_RequestTerminationCode code);
  static MHD_Result on_accept(void* front, const sockaddr* address, socklen_t length);
  MHD_Result reply(MHD_Connection* connection, const FakeRequest& request);

  std::function<FakeReply(const FakeRequest&)> answer_;
  mutable std::mutex mutex_;
  std::vector<FakeRequest> seen_;
  std::vector<MHD_Connection*> unanswered_;  // suspended; of the server's thread until it stops
  int connections_ = 0;
  std::atomic<bool> closing_ = false;
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace sluice
