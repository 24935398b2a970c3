#include "ledger/settings.h"

namespace sluice {

LaneSettings LedgerSettings::lane() const {
  LaneSettings lane;
  lane.batch_intents_max = batch_intents_max;
  lane.log_time_ahead_max = std::chrono::milliseconds(log_time_ahead_ms_max);
  return lane;
}

void declare(SettingFields& fields, LedgerSettings& settings) {
  declare(fields, settings.cluster);
  fields.optional("application", settings.application,
                  "the same for all ledgers of one set of topics: their group, and the start of their transactional ids");
  fields.required("instance", settings.instance, "this process's name in the group; keeps its partitions over a quick restart");
  fields.optional(
      "group.session_ms", settings.session_ms, {1'000, 30'000},
      "a ledger that is silent for so long is dead to the others; brokers allow 6000 or more unless told otherwise");
  fields.required("state.directory", settings.state_directory, "folder for the local stores, on a local disk");
  fields.optional("state.free_mib_min", settings.state_free_mib_min, {1, 1 << 20},
                  "the lanes stop while the disk still has so much free, and go on when it has a quarter more");
  fields.optional("redis.host", settings.redis_host, "where the shared view is");
  fields.optional("redis.port", settings.redis_port, {1, 65535}, "where the shared view is");
  fields.optional("redis.password_file", settings.redis_password_file, "file that holds the password; none: no password");
  fields.optional("redis.closed_orders_keep_seconds", settings.closed_orders_keep_seconds, {60, 3650LL * 24 * 3600},
                  "how long Redis keeps an order after it was cancelled, released or refunded, or after its deadline");
  fields.optional("lane.batch_intents_max", settings.batch_intents_max, {1, 50'000},
                  "intents of one transaction, which has as many as come while the one before is committed");
  fields.optional("lane.batch_bytes_max", settings.batch_bytes_max, {100'000, kafka::kBatchBytesMax},
                  "a transaction with more bytes of records goes to `orders` as several batches, one after the other");
  fields.optional("lane.log_time_ahead_ms_max", settings.log_time_ahead_ms_max, {100, 3'600'000},
                  "how far a broker's clock may run ahead of this machine's before nothing is decided");
  fields.optional("lane.progress_timeout_ms", settings.progress_timeout_ms, {15'000, 600'000},
                  "a lane that gets nowhere for so long leaves its partitions to others");
  fields.optional("lane.call_timeout_ms", settings.call_timeout_ms, {25'000, 600'000},
                  "a transactional call that does not return for so long (its own time-out is 10 s) ends the process");
  declare(fields, settings.admin);
}

Result<void> check(const LedgerSettings& settings) {
  if (settings.redis_password_file.empty()) return {};
  const auto password = read_secret_file(settings.redis_password_file);
  return password ? Result<void>() : password.error();
}

}  // namespace sluice
