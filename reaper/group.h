// Shell: takes the partitions over that the consumer group suggests. It only suggests: the ledger decides, whoever asks.
#pragma once

#include <string>

#include "kafka/client_settings.h"
#include "kafka/membership.h"
#include "kafka/topic_wait.h"
#include "reaper/reaper_loop.h"
#include "runtime/result.h"

namespace sluice {

class Group {
 public:
  // What schemas/topics.h asks of the topics is asked of those with these names. Borrows the last two.
  Group(kafka::ClientSettings client, const std::string& intents_topic, const std::string& orders_topic, int partition_count,
        kafka::Membership& membership, ReaperLoop& reaper);

  // Call it once a turn; never waits for a change. Retryable as long as no broker answers; fatal if a topic is missing or not
  // as it must be.
  Result<void> follow();

 private:
  kafka::TopicWait topics_;
  kafka::Membership& membership_;
  ReaperLoop& reaper_;
};

}  // namespace sluice
