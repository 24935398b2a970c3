#include "runtime/admin_server.h"

#include <fmt/core.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "runtime/ip_address.h"
#include "runtime/log.h"

namespace sluice {
namespace {

constexpr unsigned kConnectionsMax = 32;
constexpr unsigned kIdleSeconds = 10;
constexpr int kBacklog = 32;

// A listening socket, or why there is none.
Result<int> listen_on(const std::string& address, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return Error::fatal(fmt::format("admin.address: '{}' is no IP address", address));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> freed(found, ::freeaddrinfo);
  const int socket = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return Error::fatal(fmt::format("admin server: no socket: {}", std::strerror(errno)));
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(socket, found->ai_addr, found->ai_addrlen) != 0 || ::listen(socket, kBacklog) != 0) {
    const int cause = errno;
    ::close(socket);
    return Error::fatal(fmt::format("admin server: cannot listen on {}:{}: {}; free the port or set another admin.port",
                                    address, port, std::strerror(cause)));
  }
  return socket;
}

std::uint16_t port_of(int socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
  const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(&address);
  const auto* const v4 = reinterpret_cast<const sockaddr_in*>(&address);
  return ntohs(address.ss_family == AF_INET6 ? v6->sin6_port : v4->sin_port);
}

MHD_Result on_request(void* server, MHD_Connection* connection, const char* url, const char* method, const char*, const char*,
                      std::size_t*, void**) {
  AdminServer::Answer answer{MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain", "only GET\n"};
  if (std::string_view(method) == "GET") answer = static_cast<AdminServer*>(server)->answer(url);
  MHD_Response* const response = MHD_create_response_from_buffer(answer.body.size(), answer.body.data(), MHD_RESPMEM_MUST_COPY);
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.content_type);
  const MHD_Result queued = MHD_queue_response(connection, answer.status, response);
  MHD_destroy_response(response);
  return queued;
}

AdminServer::Answer health(const std::string& problem) {
  if (problem.empty()) return {MHD_HTTP_OK, "text/plain", "ok\n"};
  return {MHD_HTTP_SERVICE_UNAVAILABLE, "text/plain", problem + "\n"};
}

}  // namespace

void declare(SettingFields& fields, AdminSettings& settings) {
  fields.optional("admin.address", settings.address, ip_address(),
                  "IP address on which /livez, /readyz and /metrics are served");
  fields.required("admin.port", settings.port, {0, 65535}, "port of the same; 0 takes any free one");
}

AdminServer::AdminServer(const Metrics& metrics, HealthCheck live, HealthCheck ready)
    : metrics_(metrics), live_(std::move(live)), ready_(std::move(ready)) {}

AdminServer::~AdminServer() {
  if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
}

Result<std::unique_ptr<AdminServer>> AdminServer::start(const AdminSettings& settings, const Metrics& metrics, HealthCheck live,
                                                        HealthCheck ready) {
  const Result<int> socket = listen_on(settings.address, settings.port);
  if (!socket) return socket.error();
  std::unique_ptr<AdminServer> server(new AdminServer(metrics, std::move(live), std::move(ready)));
  server->port_ = port_of(socket.value());
  server->daemon_ = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, nullptr, nullptr, &on_request,
                                     server.get(), MHD_OPTION_LISTEN_SOCKET, socket.value(), MHD_OPTION_CONNECTION_LIMIT,
                                     kConnectionsMax, MHD_OPTION_CONNECTION_TIMEOUT, kIdleSeconds, MHD_OPTION_END);
  if (server->daemon_ == nullptr) {
    ::close(socket.value());
    return Error::fatal("admin server: libmicrohttpd did not start: are there enough threads and open files?");
  }
  return server;
}

AdminServer::Answer AdminServer::readiness() {
  const std::string problem = ready_();
  if (problem.empty() != was_ready_) {
    was_ready_ = problem.empty();
    if (was_ready_) log_info("ready");
    if (!was_ready_) log_warning("not ready: {}", problem);
  }
  return health(problem);
}

AdminServer::Answer AdminServer::answer(const std::string& path) {
  if (path == "/livez") return health(live_());
  if (path == "/readyz") return readiness();
  if (path == "/metrics") return {MHD_HTTP_OK, "text/plain; version=0.0.4", metrics_.text()};
  return {MHD_HTTP_NOT_FOUND, "text/plain", "there are /livez, /readyz and /metrics\n"};
}

}  // namespace sluice
