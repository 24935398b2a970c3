#include "ingest/settings.h"

#include <bit>

#include "runtime/ip_address.h"
#include "schemas/public_id.h"

namespace sluice {
namespace {

constexpr std::size_t kJwtSecretBytesMin = 32;  // RFC 7518, section 3.2

}  // namespace

void declare(SettingFields& fields, IngestSettings& settings) {
  declare(fields, settings.cluster);
  fields.optional("topics.intents", settings.intents_topic, "its name, where one Kafka serves several sluices");
  fields.optional("topics.orders", settings.orders_topic, "its name, where one Kafka serves several sluices");

  fields.optional("http.address", settings.http.address, ipv4_address(), "address to listen on");
  fields.required("http.port", settings.http.port, {0, 65535}, "port to listen on; 0: any free one");
  fields.optional("http.connections_max", settings.http.connections_max, {1, 1'000'000},
                  "open connections; beyond, new ones are closed. Each needs an open file");
  fields.optional("http.idle_seconds", settings.http.idle_seconds, {1, 86'400},
                  "after which an idle connection is closed; more than the front's own time-out, or requests get lost");
  declare(fields, settings.admin);

  fields.required("jwt.hs256_secret_file", settings.jwt_secret_file, "the file with the secret that tokens are signed with");
  fields.optional("jwt.scope", settings.jwt_scope, "a scope that every buyer's token must have; empty: none");
  fields.optional("jwt.admin_scope", settings.jwt_admin_scope, "the scope that an administrator's token must have");
  fields.required("ids.hmac_key_files", settings.id_key_files,
                  "files with the keys of public ids: written with the first, read with all");
  fields.optional("webhook.secret_files", settings.webhook_secret_files,
                  "files with the secrets that payment gateways sign with, any of which will do; empty: no payments are taken");
  fields.optional("webhook.tolerance_seconds", settings.webhook_tolerance_seconds, {1, 3600},
                  "how far a gateway's clock and ours may be apart, delivery included");
  fields.optional("redis.host", settings.redis_host, "host or address of Redis, which serves older orders");
  fields.optional("redis.port", settings.redis_port, {1, 65535}, "its port");
  fields.optional("redis.password_file", settings.redis_password_file, "the file that holds its password; empty: none");

  fields.optional("limits.in_flight", settings.in_flight_max, {1, 1'000'000},
                  "appends under way; above it new purchases get 503 at once. 1 KiB of memory each");
  fields.optional("limits.reserved_in_flight", settings.reserved_in_flight, {1, 1'000'000},
                  "room beyond limits.in_flight for cancels, payments and admin acts, which purchases cannot take");
  fields.optional("limits.append_delay_ms", settings.append_delay_ms, {1, 60'000},
                  "when the oldest append under way is older, new purchases get 503 at once");
  fields.optional("limits.append_timeout_ms", settings.append_timeout_ms, {100, 60'000},
                  "after which the end of an append is told as unknown (503)");
  fields.optional("limits.recent_requests", settings.recent_requests, {1, 100'000'000},
                  "requests remembered, so that a repetition gets the same ticket without another intent");
  fields.optional("limits.recent_seconds", settings.recent_seconds, {1, 540},
                  "for how long; less than the 10 minutes for which the ledger remembers refused keys");

  fields.optional("view.verdicts_per_partition", settings.verdicts_per_partition, {1, 1 << 28},
                  "verdicts kept in memory, rounded up to a power of two; 2 bytes each");
  fields.optional("view.orders_per_partition", settings.orders_per_partition, {1, 10'000'000},
                  "orders kept in memory; older ones are read from Redis");
  fields.optional("view.look_back", settings.look_back, {0, 1'000'000'000},
                  "offsets of each partition of orders that are read again at the start");
  fields.optional("view.skus", settings.skus, {1, 1'000'000}, "SKUs whose stock is told; 1 KiB of memory each");
}

IngestRules rules_of(const IngestSettings& settings) {
  IngestRules rules;
  rules.generation = Generation{settings.cluster.generation};
  rules.partitions = settings.cluster.partitions;
  rules.in_hand = {.purchases_max = settings.in_flight_max,
                   .reserved = settings.reserved_in_flight,
                   .append_delay_max_ms = settings.append_delay_ms};
  rules.recent_requests_max = settings.recent_requests;
  rules.recent_requests_keep_ms = UnixMillis{settings.recent_seconds} * 1000;
  rules.verdicts.verdicts = std::bit_ceil(std::size_t{settings.verdicts_per_partition});
  rules.verdicts.orders = settings.orders_per_partition;
  rules.skus_max = settings.skus;
  return rules;
}

Result<void> check(const IngestSettings& settings) {
  const auto secrets = read_secrets(settings);
  return secrets ? Result<void>() : secrets.error();
}

StockScanBounds stock_scan_of(const IngestSettings& settings) {
  return {.generation = Generation{settings.cluster.generation},
          .partitions = settings.cluster.partitions,
          .skus_max = settings.skus};
}

Result<IngestSecrets> read_secrets(const IngestSettings& settings) {
  IngestSecrets secrets;
  auto jwt = read_secret_file(settings.jwt_secret_file);
  if (!jwt) return jwt.error();
  if (jwt->size() < kJwtSecretBytesMin) {
    return Error::fatal(settings.jwt_secret_file + ": a secret of HS256 must have at least 32 bytes");
  }
  secrets.jwt = std::move(*jwt);
  for (const std::string& file : settings.id_key_files) {
    auto key = read_secret_file(file);
    if (!key) return key.error();
    if (key->size() < PublicIds::kKeyBytesMin) return Error::fatal(file + ": a key of public ids must have at least 16 bytes");
    secrets.id_keys.push_back(std::move(*key));
  }
  for (const std::string& file : settings.webhook_secret_files) {
    auto secret = read_secret_file(file);
    if (!secret) return secret.error();
    if (secret->size() < WebhookCheck::kSecretBytesMin) {
      return Error::fatal(file + ": a secret that payments are signed with must have at least 32 bytes");
    }
    secrets.webhook.push_back(std::move(*secret));
  }
  if (settings.redis_password_file.empty()) return secrets;
  auto password = read_secret_file(settings.redis_password_file);
  if (!password) return password.error();
  secrets.redis_password = std::move(*password);
  return secrets;
}

RedisAddress redis_of(const IngestSettings& settings, const IngestSecrets& secrets) {
  RedisAddress redis;
  redis.host = settings.redis_host;
  redis.port = settings.redis_port;
  redis.password = secrets.redis_password;
  return redis;
}

}  // namespace sluice
