#include "sink/settings.h"

namespace sluice {

void declare(SettingFields& fields, SinkSettings& settings) {
  declare(fields, settings.cluster);
  fields.optional("topics.orders", settings.orders_topic, "its name, where one Kafka serves several sluices");
  fields.optional("topics.dead_letters", settings.dead_letters_topic, "its name, where one Kafka serves several sluices");
  fields.optional("application", settings.application,
                  "consumer group by which the sinks of one database share the partitions");
  fields.optional("instance", settings.instance, "this sink's name in the group: unique, and the same after a restart");

  MysqlSettings& mysql = settings.mysql;
  fields.optional("mysql.host", mysql.host, "host or address of MySQL or MariaDB");
  fields.optional("mysql.port", mysql.port, {1, 65535}, "its port");
  fields.optional("mysql.user", mysql.user, "a user who may select, insert and update the tables of schemas/mysql");
  fields.required("mysql.password_file", mysql.password_file, "the file that holds the user's password and nothing else");
  fields.optional("mysql.database", mysql.database, "the database with the tables of schemas/mysql");
  fields.optional("mysql.connect_timeout_seconds", mysql.connect_timeout_seconds, {1, 60}, "how long to wait for a connection");
  fields.optional("mysql.statement_timeout_seconds", mysql.statement_timeout_seconds, {1, 600},
                  "how long to wait for an answer, also when another sink holds a lock");

  SinkLimits& limits = settings.limits;
  fields.optional("limits.batch_records", limits.batch_records_max, {1, 100'000}, "records read at a time");
  fields.optional("limits.statement_rows", limits.statement_rows_max, {1, 1'000},
                  "rows of one statement; 500 to 1000 are the fastest; an order takes up to 1 KiB of max_allowed_packet");
  fields.optional("limits.refused_rows", limits.refused_rows_max, {0, 10'000},
                  "rows of one transaction that MySQL may refuse; above it the sink stops, because the table is wrong");
  declare(fields, settings.admin);
}

Result<void> check(const SinkSettings& settings) {
  const auto password = read_secret_file(settings.mysql.password_file);
  return password ? Result<void>() : password.error();
}

}  // namespace sluice
