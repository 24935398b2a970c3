#include "ledger/view_writer.h"

#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/check.h"
#include "runtime/failpoint.h"
#include "schemas/redis_keys.h"

namespace sluice {
namespace {

// ARGV: when the key ends (0: never), version, then field, value, … Lua compares doubles, in which positions (52 bits) are
// exact. One key per script, so that it also runs on a cluster. The row before it goes whole: its fields, and its end.
const RedisScript& put_if_newer() {
  static const RedisScript script(R"lua(
local have = redis.call('HGET', KEYS[1], 'version')
if have then
  if tonumber(have) >= tonumber(ARGV[2]) then return 0 end
  redis.call('DEL', KEYS[1])
end
redis.call('HSET', KEYS[1], 'version', unpack(ARGV, 2))
if ARGV[1] ~= '0' then redis.call('PEXPIREAT', KEYS[1], ARGV[1]) end
return 1)lua");
  return script;
}

// ARGV: version, field, value: JSON that has its version. The key's own version is the newest of its fields'.
const RedisScript& put_field_if_newer() {
  static const RedisScript script(R"lua(
local have = redis.call('HGET', KEYS[1], ARGV[2])
if have and cjson.decode(have).version >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
if tonumber(redis.call('HGET', KEYS[1], 'version') or '0') < tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'version', ARGV[1])
end
return 1)lua");
  return script;
}

// ARGV: when it ends, version, log time.
const RedisScript& promise_kept_if_newer() {
  static const RedisScript script(R"lua(
if tonumber(redis.call('HGET', KEYS[1], 'version') or '0') > tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'since_ms', ARGV[3])
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return 1)lua");
  return script;
}

// ARGV: expected version, then as above.
const RedisScript& promise_if_kept() {
  static const RedisScript script(R"lua(
local have = tonumber(redis.call('HGET', KEYS[1], 'version') or '0')
if have < tonumber(ARGV[1]) or have >= tonumber(ARGV[2]) then return have end
redis.call('HSET', KEYS[1], 'version', unpack(ARGV, 2))
return tonumber(ARGV[2]))lua");
  return script;
}

template <typename Number>
std::optional<Number> number_in(const RedisHash& fields, std::string_view name) {
  const auto field = fields.find(name);
  if (field == fields.end()) return std::nullopt;
  Number number{};
  const char* end = field->second.data() + field->second.size();
  const auto [stopped, error] = std::from_chars(field->second.data(), end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

Error retryable(const Error& error) { return Error::retryable(error.message); }

}  // namespace

Result<ViewWriter> ViewWriter::connect(const RedisAddress& address) {
  auto redis = RedisConnection::open(address);
  if (!redis) return retryable(redis.error());
  return ViewWriter(std::move(redis).value());
}

Result<std::optional<ViewProgress>> ViewWriter::progress(Partition partition) {
  auto fields = redis_.hash(redis_keys::progress(partition));
  if (!fields) return retryable(fields.error());
  const auto version = number_in<std::uint64_t>(*fields, redis_keys::kVersion);
  const auto generation = number_in<int>(*fields, redis_keys::kGeneration);
  const auto partition_count = number_in<int>(*fields, redis_keys::kPartitions);
  // Half a promise is none.
  if (!version || !generation || !partition_count) return std::optional<ViewProgress>();
  return std::optional(ViewProgress{Position{*version}, *generation, *partition_count});
}

Result<void> ViewWriter::withdraw_promises(Partition partition) {
  for (const std::string& key : {redis_keys::kept_since(partition), redis_keys::progress(partition)}) {
    if (auto deleted = redis_.ask({"DEL", key}); !deleted) return retryable(deleted.error());
  }
  return {};
}

Result<void> ViewWriter::withdraw_kept(Partition partition) {
  auto deleted = redis_.ask({"DEL", redis_keys::kept_since(partition)});
  return deleted ? Result<void>() : retryable(deleted.error());
}

Result<void> ViewWriter::promise_kept(Partition partition, const KeptSince::Promise& promise) {
  CHECK(added() == 0);
  const std::array<std::string, 3> numbers = {std::to_string(promise.until), std::to_string(promise.version.value),
                                              std::to_string(promise.since)};
  const std::array<std::string_view, 3> arguments = {numbers[0], numbers[1], numbers[2]};
  redis_.add(promise_kept_if_newer(), redis_keys::kept_since(partition), arguments);
  auto replies = redis_.exchange();
  return replies ? Result<void>() : retryable(replies.error());
}

Result<std::optional<std::string>> ViewWriter::eviction_policy() {
  constexpr std::string_view kName = "maxmemory_policy:";
  auto told = redis_.ask({"INFO", "memory"});
  if (!told && !redis_.usable()) return retryable(told.error());
  if (!told) return std::optional<std::string>();  // not allowed to ask
  const std::size_t at = told->text.find(kName);
  if (at == std::string::npos) return std::optional<std::string>();
  const std::size_t begin = at + kName.size();
  return std::optional(told->text.substr(begin, told->text.find_first_of("\r\n", begin) - begin));
}

void ViewWriter::add(const ViewField& field) {
  const std::string version = std::to_string(field.version.value);
  const std::array<std::string_view, 3> arguments = {version, field.name, field.value};
  redis_.add(put_field_if_newer(), field.key, arguments);
}

void ViewWriter::add(const ViewRow& row) {
  const std::array<std::string, 2> numbers = {std::to_string(row.ends), std::to_string(row.version.value)};
  std::vector<std::string_view> arguments = {numbers[0], numbers[1]};
  arguments.reserve(2 + 2 * row.fields.size());
  for (const auto& [name, value] : row.fields) arguments.insert(arguments.end(), {name, value});
  redis_.add(put_if_newer(), row.key, arguments);
}

Result<std::size_t> ViewWriter::flush() {
  SLUICE_FAILPOINT("view.before_rows");
  auto replies = redis_.exchange();
  SLUICE_FAILPOINT("view.after_rows");
  if (!replies) return retryable(replies.error());
  std::size_t newer = 0;
  for (const RedisReply& reply : *replies) newer += reply.integer == 1 ? 1 : 0;
  return newer;
}

Result<Position> ViewWriter::promise(Partition partition, Position expected, const ViewProgress& progress) {
  CHECK(added() == 0);
  const std::array<std::string, 4> numbers = {std::to_string(expected.value), std::to_string(progress.next.value),
                                              std::to_string(progress.generation), std::to_string(progress.partition_count)};
  const std::array<std::string_view, 6> arguments = {
      numbers[0], numbers[1], redis_keys::kGeneration, numbers[2], redis_keys::kPartitions, numbers[3]};
  redis_.add(promise_if_kept(), redis_keys::progress(partition), arguments);
  auto replies = redis_.exchange();
  SLUICE_FAILPOINT("view.after_progress");
  if (!replies) return retryable(replies.error());
  return Position{static_cast<std::uint64_t>(replies->front().integer)};
}

}  // namespace sluice
