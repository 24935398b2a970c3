#include "ledger/view_writer.h"

#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/check.h"
#include "schemas/redis_keys.h"

namespace sluice {
namespace {

// ARGV: version, then field, value, … Lua compares doubles, in which positions (52 bits) are exact. One key per script, so that
// it also runs on a cluster.
const RedisScript& put_if_newer() {
  static const RedisScript script(R"lua(
local have = redis.call('HGET', KEYS[1], 'version')
if have and tonumber(have) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', unpack(ARGV))
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

Result<void> ViewWriter::withdraw_progress(Partition partition) {
  auto deleted = redis_.ask({"DEL", redis_keys::progress(partition)});
  return deleted ? Result<void>() : retryable(deleted.error());
}

void ViewWriter::add(const ViewRow& row) {
  const std::string version = std::to_string(row.version.value);
  std::vector<std::string_view> arguments = {version};
  arguments.reserve(1 + 2 * row.fields.size());
  for (const auto& [name, value] : row.fields) arguments.insert(arguments.end(), {name, value});
  redis_.add(put_if_newer(), row.key, arguments);
}

Result<std::size_t> ViewWriter::flush() {
  auto replies = redis_.exchange();
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
  if (!replies) return retryable(replies.error());
  return Position{static_cast<std::uint64_t>(replies->front().integer)};
}

}  // namespace sluice
