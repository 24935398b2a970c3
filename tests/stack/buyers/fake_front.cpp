#include "tests/stack/buyers/fake_front.h"

#include <fmt/format.h>
#include <netinet/in.h>

#include <memory>

#include "runtime/check.h"

namespace sluice {
namespace {

std::string text_of(MHD_Connection* connection, MHD_ValueKind kind, const char* name) {
  const char* const value = MHD_lookup_connection_value(connection, kind, name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

FakeFront::FakeFront(std::function<FakeReply(const FakeRequest&)> answer) : answer_(std::move(answer)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  daemon_ = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, &on_accept, this,
                             &on_request, this, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_NOTIFY_COMPLETED, &on_end, this,
                             MHD_OPTION_END);
  CHECK(daemon_ != nullptr);
}

FakeFront::~FakeFront() {
  closing_ = true;
  for (MHD_Connection* connection : unanswered_) MHD_resume_connection(connection);
  MHD_stop_daemon(daemon_);
}

std::string FakeFront::url() const {
  return fmt::format("http://127.0.0.1:{}", MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_BIND_PORT)->port);
}

std::vector<FakeRequest> FakeFront::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

int FakeFront::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

MHD_Result FakeFront::on_accept(void* front, const sockaddr*, socklen_t) {
  auto* const self = static_cast<FakeFront*>(front);
  const std::lock_guard lock(self->mutex_);
  ++self->connections_;
  return MHD_YES;
}

void FakeFront::on_end(void*, MHD_Connection*, void** state, MHD_RequestTerminationCode) {
  delete static_cast<FakeRequest*>(*state);
  *state = nullptr;
}

MHD_Result FakeFront::on_request(void* front, MHD_Connection* connection, const char* url, const char* method, const char*,
                                 const char* bytes, std::size_t* byte_count, void** state) {
  if (*state == nullptr) {
    auto request = std::make_unique<FakeRequest>();
    request->method = method;
    request->path = url;
    *state = request.release();
    return MHD_YES;
  }
  auto* const request = static_cast<FakeRequest*>(*state);
  if (*byte_count > 0) {
    request->body.append(bytes, *byte_count);
    *byte_count = 0;
    return MHD_YES;
  }
  request->wait = text_of(connection, MHD_GET_ARGUMENT_KIND, "wait");
  request->key = text_of(connection, MHD_HEADER_KIND, "Idempotency-Key");
  request->prefer = text_of(connection, MHD_HEADER_KIND, "Prefer");
  request->bearer = text_of(connection, MHD_HEADER_KIND, "Authorization");
  return static_cast<FakeFront*>(front)->reply(connection, *request);
}

MHD_Result FakeFront::reply(MHD_Connection* connection, const FakeRequest& request) {
  if (closing_) return MHD_NO;  // a resumed request comes here again
  {
    const std::lock_guard lock(mutex_);
    seen_.push_back(request);
  }
  FakeReply reply = answer_(request);
  if (reply.status == 0) return MHD_NO;
  if (reply.status < 0) {
    unanswered_.push_back(connection);
    MHD_suspend_connection(connection);
    return MHD_YES;
  }
  MHD_Response* const response = MHD_create_response_from_buffer(reply.body.size(), reply.body.data(), MHD_RESPMEM_MUST_COPY);
  if (reply.retry_after > 0) {
    MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, std::to_string(reply.retry_after).c_str());
  }
  const MHD_Result queued = MHD_queue_response(connection, static_cast<unsigned>(reply.status), response);
  MHD_destroy_response(response);
  return queued;
}

}  // namespace sluice
