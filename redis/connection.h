// Adapter (hiredis): one blocking connection to Redis: commands, pipelines and scripts, every wait bounded.
#pragma once

#include <absl/container/flat_hash_set.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redis/script.h"
#include "runtime/result.h"

struct redisContext;

namespace sluice {

struct RedisAddress {
  std::string host = "127.0.0.1";
  int port = 6379;
  std::string password;  // empty: no AUTH is sent
  std::chrono::milliseconds connect_timeout{1000};
  // For each wait on the socket, so a pipeline may take longer in all as long as replies keep coming.
  std::chrono::milliseconds reply_timeout{1000};
};

struct RedisReply {
  enum class Kind { kNil, kInteger, kText, kArray };
  Kind kind = Kind::kNil;
  std::int64_t integer = 0;
  std::string text;  // bulk strings and statuses
  std::vector<RedisReply> elements;
};

using RedisHash = std::map<std::string, std::string, std::less<>>;  // field -> value

// What HGETALL answered.
RedisHash hash_in(RedisReply reply);

// Errors: kRetryable where Redis was not reached, did not answer in time or says that it cannot now (loading, out of memory,
// read only …); kFatal where it refuses what was asked (password, type, syntax). After an error that is not Redis's own answer
// the connection is of no more use (`usable()`): what was sent may or may not have been done, and replies may still be under
// way. Used by one thread at a time.
class RedisConnection {
 public:
  static Result<RedisConnection> open(const RedisAddress& address);

  RedisConnection(RedisConnection&&) noexcept;
  RedisConnection& operator=(RedisConnection&&) noexcept;
  ~RedisConnection();

  // One command, and its reply. REQUIRES: the pipeline is empty.
  Result<RedisReply> ask(std::initializer_list<std::string_view> words);

  // All fields of a hash; none if there is no such key. REQUIRES: the pipeline is empty.
  Result<RedisHash> hash(std::string_view key);

  // A pipeline: `add` only fills a buffer; `exchange` sends it all and returns the replies in the order of the additions.
  // If Redis refuses any of the commands, that error is the result; the others have been done nevertheless.
  void add(std::span<const std::string_view> words);
  void add(std::initializer_list<std::string_view> words) { add(std::span(words.begin(), words.size())); }
  // Sent as EVAL the first time on this connection, which leaves the script in Redis's cache, and then as EVALSHA. If the cache
  // was flushed in between, the result of `exchange` is a retryable error and the next addition is an EVAL again.
  void add(const RedisScript& script, std::string_view key, std::span<const std::string_view> arguments);
  std::size_t added() const { return added_; }
  Result<std::vector<RedisReply>> exchange();

  bool usable() const;
  const std::string& name() const { return name_; }  // host:port, for messages

 private:
  struct Close {
    void operator()(redisContext* context) const;
  };

  RedisConnection(std::string name, redisContext* context);
  Result<RedisReply> next_reply();
  Error lost(std::string_view what) const;

  std::string name_;
  std::chrono::milliseconds reply_timeout_{0};
  std::unique_ptr<redisContext, Close> context_;
  std::size_t added_ = 0;
  absl::flat_hash_set<std::string> cached_scripts_;  // sha1
};

}  // namespace sluice
