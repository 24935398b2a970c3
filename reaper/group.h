// Shell: takes the partitions over that the consumer group suggests. It only suggests: the ledger decides, whoever asks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kafka/client_settings.h"
#include "kafka/membership.h"
#include "reaper/reaper_loop.h"
#include "runtime/result.h"
#include "schemas/topics.h"

namespace sluice {

class Group {
 public:
  // What schemas/topics.h asks of the topics is asked of those with these names. Borrows the last two.
  Group(kafka::ClientSettings client, const std::string& intents_topic, const std::string& orders_topic, int partition_count,
        kafka::Membership& membership, ReaperLoop& reaper);

  // Call it once a turn; never waits for a change. Retryable as long as no broker answers or a topic is missing; fatal if a
  // topic is not as it must be.
  Result<void> follow();

 private:
  Result<void> check_topics();

  const kafka::ClientSettings client_;
  const std::string intents_topic_;
  const std::string orders_topic_;
  const int partition_count_;
  kafka::Membership& membership_;
  ReaperLoop& reaper_;
  bool topics_checked_ = false;
};

}  // namespace sluice
