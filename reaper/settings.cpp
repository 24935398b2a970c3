#include "reaper/settings.h"

#include "schemas/intent_format.h"

namespace sluice {

void declare(SettingFields& fields, ReaperSettings& settings) {
  declare(fields, settings.cluster);
  fields.optional("topics.intents", settings.intents_topic, "its name, where one Kafka serves several sluices");
  fields.optional("topics.orders", settings.orders_topic, "its name, where one Kafka serves several sluices");
  fields.optional("application", settings.application, "consumer group by which reapers share the partitions");
  fields.optional("instance", settings.instance, "this reaper's name in the group: unique, and the same after a restart");

  ReaperLimits& limits = settings.limits;
  fields.optional("limits.batch_records", limits.batch_records_max, {1, 100'000}, "records read at a time");
  fields.optional("limits.due_orders", limits.proposals.due_orders_max, {1, kDueLimitMax},
                  "orders that one Due releases at most; all of them are in one record of orders");
  fields.optional("limits.dues_in_flight", limits.proposals.dues_on_their_way_max, {1, 100},
                  "Dues of one SKU that the ledger has not ruled on yet");
  fields.optional("limits.pause_ms", limits.proposals.pacing.pause_max, {100, 600'000},
                  "longest pause before the ledger is asked again for what it has not done");
  fields.optional("limits.keep_marks_ms", limits.keep_marks_ms, {100, 600'000},
                  "how often the place is kept from which a restart reads");
  declare(fields, settings.admin);
}

Result<void> check(const ReaperSettings&) { return {}; }

}  // namespace sluice
