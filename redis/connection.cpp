#include "redis/connection.h"

#include <fmt/format.h>
#include <hiredis/hiredis.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <optional>
#include <utility>

#include "runtime/check.h"

namespace sluice {
namespace {

struct FreeReply {
  void operator()(void* reply) const { freeReplyObject(reply); }
};

timeval to_timeval(std::chrono::milliseconds time) {
  timeval value{};
  value.tv_sec = static_cast<time_t>(time.count() / 1000);
  value.tv_usec = static_cast<suseconds_t>(time.count() % 1000 * 1000);
  return value;
}

// hiredis 0.14 writes to its socket without MSG_NOSIGNAL: a Redis that went away would end the process.
void ignore_broken_pipes() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction current {};
    sigaction(SIGPIPE, nullptr, &current);
    if (current.sa_handler == SIG_DFL) std::signal(SIGPIPE, SIG_IGN);
  });
}

// What Redis answers while it is in a state that passes or that its operator will mend.
bool passes(std::string_view error) {
  constexpr std::array<std::string_view, 10> kPassing = {"LOADING", "BUSY",    "TRYAGAIN",    "MASTERDOWN", "READONLY",
                                                         "OOM",     "MISCONF", "CLUSTERDOWN", "NOREPLICAS", "NOSCRIPT"};
  return std::any_of(kPassing.begin(), kPassing.end(), [&](std::string_view word) { return error.starts_with(word); });
}

RedisReply read_reply(const redisReply& from) {
  RedisReply reply;
  switch (from.type) {
    case REDIS_REPLY_INTEGER:
      reply.kind = RedisReply::Kind::kInteger;
      reply.integer = from.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:  // inside an array; on top it has become an Error
      reply.kind = RedisReply::Kind::kText;
      reply.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_ARRAY:
      reply.kind = RedisReply::Kind::kArray;
      reply.elements.reserve(from.elements);
      for (std::size_t i = 0; i < from.elements; ++i) reply.elements.push_back(read_reply(*from.element[i]));
      break;
    default:
      break;
  }
  return reply;
}

}  // namespace

void RedisConnection::Close::operator()(redisContext* context) const { redisFree(context); }

RedisConnection::RedisConnection(std::string name, redisContext* context) : name_(std::move(name)), context_(context) {}
RedisConnection::RedisConnection(RedisConnection&&) noexcept = default;
RedisConnection& RedisConnection::operator=(RedisConnection&&) noexcept = default;
RedisConnection::~RedisConnection() = default;

bool RedisConnection::usable() const { return context_ != nullptr && context_->err == 0; }

RedisHash hash_in(RedisReply reply) {
  RedisHash fields;
  for (std::size_t i = 0; i + 1 < reply.elements.size(); i += 2) {
    fields.emplace(std::move(reply.elements[i].text), std::move(reply.elements[i + 1].text));
  }
  return fields;
}

Result<RedisConnection> RedisConnection::open(const RedisAddress& address) {
  ignore_broken_pipes();
  RedisConnection connection(fmt::format("{}:{}", address.host, address.port),
                             redisConnectWithTimeout(address.host.c_str(), address.port, to_timeval(address.connect_timeout)));
  if (!connection.context_) return Error::retryable(fmt::format("Redis at {}: no memory for a connection", connection.name_));
  redisContext* context = connection.context_.get();
  if (context->err != 0) {
    return Error::retryable(fmt::format("Redis at {} cannot be reached: {}", connection.name_, context->errstr));
  }
  connection.reply_timeout_ = address.reply_timeout;
  if (redisSetTimeout(context, to_timeval(address.reply_timeout)) != REDIS_OK) {
    return Error::retryable(fmt::format("Redis at {}: cannot set a time-out: {}", connection.name_, context->errstr));
  }
  if (!address.password.empty()) {
    if (auto answer = connection.ask({"AUTH", address.password}); !answer) return answer.error();
  }
  // Also without a password: a Redis that wants one, or that is still loading, says so here and not at the first real command.
  if (auto answer = connection.ask({"PING"}); !answer) return answer.error();
  return connection;
}

Error RedisConnection::lost(std::string_view what) const {
  return Error::retryable(fmt::format("Redis at {}: the connection is lost: {}", name_, what));
}

Result<RedisReply> RedisConnection::next_reply() {
  if (!usable()) return lost("it failed before");
  void* raw = nullptr;
  errno = 0;
  if (redisGetReply(context_.get(), &raw) != REDIS_OK) {
    const bool late = context_->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK);
    return lost(late ? fmt::format("no answer within {} ms", reply_timeout_.count()) : std::string(context_->errstr));
  }
  const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(raw));
  if (reply->type != REDIS_REPLY_ERROR) return read_reply(*reply);
  const std::string_view answer(reply->str, reply->len);
  if (answer.starts_with("NOSCRIPT")) cached_scripts_.clear();
  auto message = fmt::format("Redis at {} answers: {}", name_, answer);
  return passes(answer) ? Error::retryable(std::move(message)) : Error::fatal(std::move(message));
}

void RedisConnection::add(std::span<const std::string_view> words) {
  std::vector<const char*> starts;
  std::vector<std::size_t> sizes;
  starts.reserve(words.size());
  sizes.reserve(words.size());
  for (std::string_view word : words) {
    starts.push_back(word.data());
    sizes.push_back(word.size());
  }
  ++added_;
  // Fails only for want of memory, and then sets the context's error, which the exchange reports.
  redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), starts.data(), sizes.data());
}

void RedisConnection::add(const RedisScript& script, std::string_view key, std::span<const std::string_view> arguments) {
  const bool cached = !cached_scripts_.insert(script.sha1()).second;
  std::vector<std::string_view> words = {cached ? "EVALSHA" : "EVAL", cached ? script.sha1() : script.source(), "1", key};
  words.insert(words.end(), arguments.begin(), arguments.end());
  add(words);
}

Result<std::vector<RedisReply>> RedisConnection::exchange() {
  std::vector<RedisReply> replies;
  replies.reserve(added_);
  std::optional<Error> refused;
  for (; added_ > 0; --added_) {
    auto reply = next_reply();
    if (!usable()) {
      added_ = 0;
      return reply.error();
    }
    if (reply) {
      replies.push_back(std::move(reply).value());
    } else if (!refused) {
      refused = reply.error();
    }
  }
  if (refused) return *std::move(refused);
  return replies;
}

Result<RedisReply> RedisConnection::ask(std::initializer_list<std::string_view> words) {
  CHECK(added_ == 0);
  add(words);
  added_ = 0;
  return next_reply();
}

Result<RedisHash> RedisConnection::hash(std::string_view key) {
  auto reply = ask({"HGETALL", key});
  if (!reply) return reply.error();
  return hash_in(*std::move(reply));
}

}  // namespace sluice
