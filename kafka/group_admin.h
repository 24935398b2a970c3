// Adapter (librdkafka): who the members of a consumer group are, and what they have been assigned.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "kafka/client_settings.h"
#include "runtime/result.h"

namespace sluice::kafka {

struct GroupMember {
  std::string instance;  // its group.instance.id, or its client's name
  std::string host;
  std::vector<std::int32_t> partitions;  // of the topic that was asked for
};

struct Group {
  std::string state;  // "Stable", "Empty", …
  std::vector<GroupMember> members;
};

// Retryable. A group that there is not is "Dead" and has no members.
Result<Group> describe_group(const ClientSettings& client, const std::string& group, const std::string& topic,
                             std::chrono::milliseconds timeout);

}  // namespace sluice::kafka
