#include "reaper/group.h"

#include <utility>
#include <vector>

#include "schemas/topics.h"

namespace sluice {

Group::Group(kafka::ClientSettings client, const std::string& intents_topic, const std::string& orders_topic,
             int partition_count, kafka::Membership& membership, ReaperLoop& reaper)
    : topics_(std::move(client),
              {{intents_topic, kIntentsTopic, partition_count}, {orders_topic, kOrdersTopic, partition_count}}),
      membership_(membership),
      reaper_(reaper) {}

Result<void> Group::follow() {
  if (auto there = topics_.ask(); !there) return there;
  const auto change = membership_.poll(std::chrono::milliseconds{0});
  if (!change) return change.error();
  if (change->revoked) {
    reaper_.own({});
    if (auto given_back = membership_.give_back(); !given_back) return given_back;
  }
  if (change->assigned) {
    std::vector<Partition> partitions;
    for (const std::int32_t number : change->assigned->partitions) partitions.push_back({number});
    reaper_.own(partitions);
  }
  return {};
}

}  // namespace sluice
