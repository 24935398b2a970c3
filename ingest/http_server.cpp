#include "ingest/http_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <microhttpd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <deque>

#include "ingest/http_words.h"
#include "runtime/check.h"

namespace sluice {
namespace {

// A body without a declared length that goes on beyond this is cut off with its connection.
constexpr std::size_t kEndlessBodyBytes = std::size_t{64} * 1024;
constexpr unsigned kBacklog = 4096;
// Headers with a token of 4 KiB, and the body. The library clears all of it for each request: 32 KiB, its default, cost 1 µs.
constexpr std::size_t kConnectionBytes = std::size_t{12} * 1024;

// RFC 9110, section 5.3: several lines of one header are one, joined by commas.
void add_line(std::string_view& into, std::string_view value, std::deque<std::string>& joined) {
  if (into.data() == nullptr) {
    into = value;
  } else {
    into = joined.emplace_back(std::string(into).append(", ").append(value));
  }
}

struct HeaderLines {
  HttpRequest& request;
  std::deque<std::string>& joined;
};

MHD_Result on_header(void* closure, MHD_ValueKind, const char* name, const char* value) {
  auto& lines = *static_cast<HeaderLines*>(closure);
  const std::string_view text = value == nullptr ? std::string_view("") : std::string_view(value);
  const auto is = [name](const char* wanted) { return same_word(name, wanted); };
  if (is("authorization")) add_line(lines.request.authorization, text, lines.joined);
  if (is("idempotency-key")) add_line(lines.request.idempotency_key, text, lines.joined);
  if (is("content-type")) add_line(lines.request.content_type, text, lines.joined);
  if (is("prefer")) add_line(lines.request.prefer, text, lines.joined);
  if (is("sluice-signature")) add_line(lines.request.signature, text, lines.joined);
  if (is("if-none-match")) add_line(lines.request.if_none_match, text, lines.joined);
  return MHD_YES;
}

// Each connection is an open file; so are the clients of Kafka and Redis, and the admin port.
constexpr rlim_t kOtherFiles = 200;

Result<void> allow_connections(std::uint32_t connections_max) {
  const rlim_t needed = rlim_t{connections_max} + kOtherFiles;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur >= needed) return {};
  if (files.rlim_max < needed) {
    return Error::fatal(
        fmt::format("http.connections_max {} needs {} open files, and {} are allowed: lower it, or raise ulimit -n",
                    connections_max, needed, files.rlim_max));
  }
  files.rlim_cur = needed;
  if (setrlimit(RLIMIT_NOFILE, &files) == 0) return {};
  return Error::fatal(fmt::format("cannot allow {} open files: {}", needed, std::strerror(errno)));
}

std::uint64_t declared_bytes(MHD_Connection* connection) {
  const char* const text = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
  std::uint64_t bytes = 0;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), bytes);
  return bytes;
}

}  // namespace

struct HttpServer::Request {
  HttpServer& server;
  MHD_Connection* connection;
  Exchange exchange;
  std::string body;
  std::size_t body_bytes = 0;  // also what was not kept
  bool asked = false;
  std::optional<HttpAnswer> answer;

  MHD_Result upload(const char* bytes, std::size_t size) {
    body_bytes += size;
    if (body.size() < kBodyBytesMax) body.append(bytes, std::min(size, kBodyBytesMax - body.size()));
    return body_bytes > kEndlessBodyBytes ? MHD_NO : MHD_YES;
  }

  // The whole request is there, or so much of it that its answer is known.
  MHD_Result ask(const char* method, const char* path, bool too_large) {
    asked = true;
    std::deque<std::string> joined;
    HttpRequest request{.method = method, .path = path, .body = body};
    request.body_too_large = too_large || body_bytes > kBodyBytesMax;
    HeaderLines lines{request, joined};
    MHD_get_connection_values(connection, MHD_HEADER_KIND, on_header, &lines);
    const char* const wait = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "wait");
    if (wait != nullptr) request.wait = wait;
    answer = server.on_request_(exchange, request);
    if (answer) return respond();
    MHD_suspend_connection(connection);
    return MHD_YES;
  }

  // The answer's body stays where it is until the library has told that the request is done.
  MHD_Result respond() {
    MHD_Response* const response =
        MHD_create_response_from_buffer(answer->body.size(), answer->body.data(), MHD_RESPMEM_PERSISTENT);
    if (response == nullptr) return MHD_NO;
    const auto header = [response](const char* name, const char* value) { MHD_add_response_header(response, name, value); };
    header(MHD_HTTP_HEADER_CONTENT_TYPE, answer->status >= 400 ? "application/problem+json" : "application/json");
    const std::string cached = fmt::format("public, max-age={}", answer->cache_seconds);
    header(MHD_HTTP_HEADER_CACHE_CONTROL, answer->cache_seconds > 0 ? cached.c_str() : "no-store");
    if (!answer->etag.empty()) header(MHD_HTTP_HEADER_ETAG, answer->etag.c_str());
    if (!answer->location.empty()) header(MHD_HTTP_HEADER_LOCATION, answer->location.c_str());
    if (answer->retry_after_seconds > 0) {
      header(MHD_HTTP_HEADER_RETRY_AFTER, std::to_string(answer->retry_after_seconds).c_str());
    }
    if (!answer->allow.empty()) header(MHD_HTTP_HEADER_ALLOW, std::string(answer->allow).c_str());
    if (!answer->challenge.empty()) header(MHD_HTTP_HEADER_WWW_AUTHENTICATE, std::string(answer->challenge).c_str());
    if (server.stopping_) header(MHD_HTTP_HEADER_CONNECTION, "close");
    const MHD_Result queued = MHD_queue_response(connection, static_cast<unsigned>(answer->status), response);
    MHD_destroy_response(response);
    return queued;
  }
};

struct HttpServer::Hooks {
  // Called when the headers are there, for each piece of the body, when all is there, and again after a resumption.
  static MHD_Result on_access(void* closure, MHD_Connection* connection, const char* path, const char* method, const char*,
                              const char* upload, std::size_t* upload_size, void** state) {
    auto& server = *static_cast<HttpServer*>(closure);
    if (*state == nullptr) {
      const Exchange exchange = ++server.last_;
      auto request = std::make_unique<Request>(Request{server, connection, exchange, {}, 0, false, std::nullopt});
      *state = request.get();
      Request& kept = *server.open_.emplace(exchange, std::move(request)).first->second;
      if (declared_bytes(connection) <= kBodyBytesMax) return MHD_YES;
      return kept.ask(method, path, /*too_large=*/true);  // not a byte of it needs to come
    }
    auto& request = *static_cast<Request*>(*state);
    if (*upload_size > 0) {
      const std::size_t size = std::exchange(*upload_size, 0);
      return request.upload(upload, size);
    }
    return request.asked ? request.respond() : request.ask(method, path, /*too_large=*/false);
  }

  static void on_completed(void* closure, MHD_Connection*, void** state, MHD_RequestTerminationCode) {
    auto& server = *static_cast<HttpServer*>(closure);
    if (*state == nullptr) return;
    server.open_.erase(static_cast<Request*>(*state)->exchange);
    *state = nullptr;
  }
};

Result<std::unique_ptr<HttpServer>> HttpServer::listen(const HttpSettings& settings) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(settings.port);
  if (inet_pton(AF_INET, settings.address.c_str(), &address.sin_addr) != 1) {
    return Error::fatal(fmt::format("http.address '{}' is no IPv4 address", settings.address));
  }
  if (auto allowed = allow_connections(settings.connections_max); !allowed) return allowed.error();
  std::unique_ptr<HttpServer> server(new HttpServer);
  errno = 0;
  server->daemon_ = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, settings.port, nullptr, nullptr, Hooks::on_access, server.get(),
      MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_NOTIFY_COMPLETED, Hooks::on_completed, server.get(),
      MHD_OPTION_CONNECTION_LIMIT, settings.connections_max, MHD_OPTION_CONNECTION_TIMEOUT, settings.idle_seconds,
      MHD_OPTION_LISTEN_BACKLOG_SIZE, kBacklog, MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionBytes, MHD_OPTION_END);
  if (server->daemon_ == nullptr) {
    return Error::fatal(
        fmt::format("cannot listen on {}:{}: {}; is the port taken?", settings.address, settings.port, std::strerror(errno)));
  }
  const MHD_DaemonInfo* const bound = MHD_get_daemon_info(server->daemon_, MHD_DAEMON_INFO_BIND_PORT);
  server->port_ = bound != nullptr && bound->port != 0 ? bound->port : settings.port;
  return server;
}

HttpServer::~HttpServer() {
  if (daemon_ == nullptr) return;
  // Whoever answered may be gone already. And the library must not be stopped while connections are suspended.
  on_request_ = [](Exchange, const HttpRequest&) { return HttpAnswer{.status = MHD_HTTP_SERVICE_UNAVAILABLE}; };
  for (auto& [exchange, request] : open_) {
    if (request->asked && !request->answer) answer(exchange, {.status = MHD_HTTP_SERVICE_UNAVAILABLE});
  }
  serve();
  MHD_stop_daemon(daemon_);
}

void HttpServer::serve() {
  resumed_ = false;
  MHD_run(daemon_);
}

int HttpServer::descriptor() const {
  const MHD_DaemonInfo* const info = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD);
  CHECK(info != nullptr);
  return info->epoll_fd;
}

std::chrono::milliseconds HttpServer::patience(std::chrono::milliseconds longest) const {
  if (resumed_) return std::chrono::milliseconds{0};  // the library, without a thread of its own, does not ring for these
  MHD_UNSIGNED_LONG_LONG millis = 0;
  if (MHD_get_timeout(daemon_, &millis) != MHD_YES) return longest;
  return std::min(longest, std::chrono::milliseconds(static_cast<std::int64_t>(millis)));
}

void HttpServer::answer(Exchange exchange, HttpAnswer answer) {
  const auto found = open_.find(exchange);
  CHECK(found != open_.end() && found->second->asked && !found->second->answer);
  found->second->answer = std::move(answer);
  resumed_ = true;
  MHD_resume_connection(found->second->connection);
}

void HttpServer::stop_accepting() {
  stopping_ = true;
  const MHD_socket listening = MHD_quiesce_daemon(daemon_);
  if (listening != MHD_INVALID_SOCKET) close(listening);
}

}  // namespace sluice
