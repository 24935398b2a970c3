// Adapter (librdkafka): creates topics and looks at how they are set.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "kafka/client_settings.h"
#include "kafka/handles.h"
#include "runtime/result.h"

namespace sluice::kafka {

struct NewTopic {
  std::string name;
  int partitions = 1;
  int replication = 1;
  std::map<std::string, std::string> settings;
};

// One thread.
class TopicAdmin {
 public:
  static Result<std::unique_ptr<TopicAdmin>> open(const ClientSettings& client, std::chrono::milliseconds timeout);

  // Whether it was created now; false: a topic of that name was there, whatever its settings.
  Result<bool> create(const NewTopic& topic);

  // Nothing: there is no such topic.
  Result<std::optional<int>> partition_count(const std::string& topic);

  // How many brokers hold a copy of a partition, of the one with the fewest.
  Result<int> copies_of(const std::string& topic);

  // Every setting of the topic with the value that holds, its own or the broker's default.
  Result<std::map<std::string, std::string>> settings_of(const std::string& topic);

 private:
  TopicAdmin(ClientHandle client, QueueHandle queue, std::chrono::milliseconds timeout);

  ClientHandle client_;
  QueueHandle queue_;
  std::chrono::milliseconds timeout_;
};

}  // namespace sluice::kafka
