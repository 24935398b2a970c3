#include "tests/bench/preload.h"

#include "kafka/topic_admin.h"
#include "kafka/topic_check.h"
#include "kafka/topic_wait.h"
#include "runtime/clock.h"
#include "schemas/topics.h"
#include "tests/bench/bare_loop.h"
#include "tests/bench/intent_writer.h"

namespace sluice::bench {
namespace {

constexpr std::chrono::milliseconds kTimeout{60'000};

}  // namespace

Result<void> make_topics(const kafka::ClientSettings& client, int partition_count) {
  const auto admin = kafka::TopicAdmin::open(client, kTimeout);
  if (!admin) return admin.error();
  for (const std::string& name : {std::string(kIntentsTopic), std::string(kOrdersTopic), std::string(kLimitTopic)}) {
    auto settings = kafka::settings_to_create(name == kLimitTopic ? std::string(kOrdersTopic) : name, kRequiredTopicSettings);
    if (const auto created = (*admin)->create({name, partition_count, 1, std::move(settings)}); !created)
      return created.error();
  }
  kafka::TopicWait topics(client, {{std::string(kIntentsTopic), kIntentsTopic, partition_count},
                                   {std::string(kOrdersTopic), kOrdersTopic, partition_count},
                                   {kLimitTopic, kOrdersTopic, partition_count}});
  Result<void> there = topics.ask();
  while (!there && there.error().kind == Error::Kind::kRetryable) there = topics.ask();
  return there;
}

Result<void> preload(const kafka::ClientSettings& client, const Crowd& crowd) {
  const auto writer = IntentWriter::open(client);
  if (!writer) return writer.error();
  if (auto sold = append_sales(**writer, crowd, unix_millis()); !sold) return sold;
  return append_crowd(**writer, crowd, /*per_second=*/0);
}

}  // namespace sluice::bench
