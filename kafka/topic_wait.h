// Shell: the first thing that a daemon does with Kafka: waits for brokers that answer, and refuses topics that are not there or
// are not what the promises need.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/client_settings.h"
#include "kafka/topic_admin.h"
#include "runtime/result.h"

namespace sluice::kafka {

struct NeededTopic {
  std::string name;
  std::string_view like;          // kIntentsTopic, …: whose settings it must have
  std::optional<int> partitions;  // none: any number
};

// One thread.
class TopicWait {
 public:
  // `missing_for`: so long a topic may be missing, since a cluster does not know a new one everywhere at once.
  TopicWait(ClientSettings client, std::vector<NeededTopic> topics,
            std::chrono::milliseconds missing_for = std::chrono::seconds(5));

  // Asks, and waits about a second for an answer. Retryable: ask again. Fatal: a person must set something right; the message
  // says what. When it has succeeded, later calls do nothing.
  Result<void> ask();

 private:
  Result<void> check(const NeededTopic& topic);
  Result<void> miss(const NeededTopic& topic);

  const ClientSettings client_;
  const std::vector<NeededTopic> topics_;
  const std::chrono::milliseconds missing_for_;
  std::unique_ptr<TopicAdmin> admin_;
  std::optional<std::chrono::steady_clock::time_point> missing_since_;
  bool done_ = false;
};

}  // namespace sluice::kafka
