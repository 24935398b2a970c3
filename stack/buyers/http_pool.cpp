#include "stack/buyers/http_pool.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "runtime/check.h"
#include "runtime/clock.h"

namespace sluice {
namespace {

constexpr int kEventsAtOnce = 256;
constexpr std::size_t kReplyBytesMax = std::size_t{1} << 20;
constexpr std::int64_t kNanosPerMilli = 1'000'000;

struct CurlEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct CurlMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct CurlHeaders {
  void operator()(curl_slist* headers) const { curl_slist_free_all(headers); }
};

std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* reply) {
  std::string& body = static_cast<HttpReply*>(reply)->body;
  if (body.size() + count > kReplyBytesMax) return 0;  // ends the transfer with an error
  body.append(bytes, count);
  return count;
}

// Without a way to rewind, libcurl cannot do behind our back what must be in the journal: send a POST again because the
// connection was lost before its answer.
std::size_t give_body(char* bytes, std::size_t, std::size_t room, void* rest) {
  auto& body = *static_cast<std::string_view*>(rest);
  const std::size_t count = body.copy(bytes, room);
  body.remove_prefix(count);
  return count;
}

}  // namespace

// One request under way. Its handle keeps its settings from one request to the next.
struct HttpPool::Slot {
  std::unique_ptr<CURL, CurlEasy> easy{curl_easy_init()};
  std::unique_ptr<curl_slist, CurlHeaders> headers;
  HttpCall call;
  std::string_view unsent;  // rest of the call's body
  HttpReply reply;

  void add_header(const std::string& header) {
    curl_slist* const longer = curl_slist_append(headers.get(), header.c_str());
    if (headers == nullptr) headers.reset(longer);
  }
};

// libcurl tells which sockets it waits for and until when; epoll does the waiting, so that a wake-up costs what is ready and
// not what is open.
struct HttpPool::Library {
  std::unique_ptr<CURLM, CurlMulti> multi{curl_multi_init()};
  int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  std::int64_t due_nanos = -1;  // when libcurl wants to be called although nothing happened; -1: never

  ~Library() {
    multi.reset();
    ::close(epoll);
  }

  static int on_socket(CURL*, curl_socket_t socket, int what, void* library, void* known) {
    auto* const self = static_cast<Library*>(library);
    if (what == CURL_POLL_REMOVE) {
      ::epoll_ctl(self->epoll, EPOLL_CTL_DEL, socket, nullptr);
      return 0;
    }
    epoll_event event{};
    event.data.fd = socket;
    if (what & CURL_POLL_IN) event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
    ::epoll_ctl(self->epoll, known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event);
    if (known == nullptr) curl_multi_assign(self->multi.get(), socket, self);
    return 0;
  }

  static int on_timer(CURLM*, long milliseconds, void* library) {
    auto* const self = static_cast<Library*>(library);
    self->due_nanos = milliseconds < 0 ? -1 : steady_nanos() + milliseconds * kNanosPerMilli;
    return 0;
  }

  // Milliseconds to wait, at most `limit`.
  int patience(std::chrono::milliseconds limit) const {
    auto wait = static_cast<std::int64_t>(limit.count());
    if (due_nanos >= 0) {
      wait = std::min(wait, std::max<std::int64_t>((due_nanos - steady_nanos() + kNanosPerMilli - 1) / kNanosPerMilli, 0));
    }
    return static_cast<int>(wait);
  }

  void act(std::chrono::milliseconds limit) {
    std::array<epoll_event, kEventsAtOnce> events;
    const int ready = ::epoll_wait(epoll, events.data(), kEventsAtOnce, patience(limit));
    int running = 0;
    for (int i = 0; i < ready; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      int what = 0;
      if (event.events & EPOLLIN) what |= CURL_CSELECT_IN;
      if (event.events & EPOLLOUT) what |= CURL_CSELECT_OUT;
      if (event.events & (EPOLLERR | EPOLLHUP)) what |= CURL_CSELECT_ERR;
      curl_multi_socket_action(multi.get(), event.data.fd, what, &running);
    }
    if (due_nanos >= 0 && steady_nanos() >= due_nanos) {
      due_nanos = -1;
      curl_multi_socket_action(multi.get(), CURL_SOCKET_TIMEOUT, 0, &running);
    }
  }
};

bool is_unknown(const HttpReply& reply) { return reply.status == 0 || reply.status == 429 || reply.status >= 500; }

std::string why_unknown(const HttpReply& reply) {
  return reply.status == 0 ? reply.problem : fmt::format("HTTP {}", reply.status);
}

HttpPool::HttpPool(std::string front) : front_(std::move(front)), library_(std::make_unique<Library>()) {}

HttpPool::~HttpPool() {
  for (const auto& slot : slots_) curl_multi_remove_handle(library_->multi.get(), slot->easy.get());
}

Result<std::unique_ptr<HttpPool>> HttpPool::open(std::string front, int connections) {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return Error::fatal("libcurl did not start");
  std::unique_ptr<HttpPool> pool(new HttpPool(std::move(front)));
  Library& library = *pool->library_;
  if (library.multi == nullptr || library.epoll < 0) return Error::fatal("no epoll instance: are there enough open files?");
  curl_multi_setopt(library.multi.get(), CURLMOPT_SOCKETFUNCTION, &Library::on_socket);
  curl_multi_setopt(library.multi.get(), CURLMOPT_SOCKETDATA, &library);
  curl_multi_setopt(library.multi.get(), CURLMOPT_TIMERFUNCTION, &Library::on_timer);
  curl_multi_setopt(library.multi.get(), CURLMOPT_TIMERDATA, &library);
  curl_multi_setopt(library.multi.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(connections));
  for (int i = 0; i < connections; ++i) {
    auto slot = std::make_unique<Slot>();
    CURL* const easy = slot->easy.get();
    if (easy == nullptr) return Error::fatal("libcurl gave no handle: is there enough memory?");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &slot->reply);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, &give_body);
    curl_easy_setopt(easy, CURLOPT_READDATA, &slot->unsent);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, slot.get());
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");  // whatever the environment says: the front is near
    pool->free_.push_back(slot.get());
    pool->slots_.push_back(std::move(slot));
  }
  return pool;
}

bool HttpPool::has_room() const { return !free_.empty(); }

void HttpPool::send(HttpCall call) {
  CHECK(has_room());
  Slot& slot = *free_.back();
  free_.pop_back();
  slot.call = std::move(call);
  slot.reply = {.tag = slot.call.tag};
  slot.headers.reset();
  slot.add_header("Authorization: Bearer " + slot.call.bearer);
  CURL* const easy = slot.easy.get();
  if (!slot.call.post) {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  } else {
    if (!slot.call.key.empty()) slot.add_header("Idempotency-Key: " + slot.call.key);
    if (slot.call.wait_seconds > 0) slot.add_header(fmt::format("Prefer: wait={}", slot.call.wait_seconds));
    if (!slot.call.body.empty()) slot.add_header("Content-Type: application/json");
    slot.unsent = slot.call.body;
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(slot.call.body.size()));
  }
  // Nor on a connection that it knew before may it send a POST without a body, which needs no rewinding.
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, slot.call.post && slot.call.body.empty() ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_URL, (front_ + slot.call.path).c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, slot.headers.get());
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(slot.call.time_out.count()));
  CHECK(curl_multi_add_handle(library_->multi.get(), easy) == CURLM_OK);
}

std::vector<HttpReply>& HttpPool::wait(std::chrono::milliseconds limit) {
  replies_.clear();
  library_->act(limit);
  take_finished();
  return replies_;
}

void HttpPool::take_finished() {
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(library_->multi.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode result = message->data.result;
    CURL* const easy = message->easy_handle;
    Slot* slot = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
    curl_multi_remove_handle(library_->multi.get(), easy);
    if (result == CURLE_OK) {
      long status = 0;
      curl_off_t retry_after = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
      slot->reply.status = static_cast<int>(status);
      slot->reply.retry_after_seconds = retry_after;
    } else {
      slot->reply.problem = curl_easy_strerror(result);
    }
    replies_.push_back(std::move(slot->reply));
    free_.push_back(slot);
  }
}

}  // namespace sluice
