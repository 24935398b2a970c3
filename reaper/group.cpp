#include "reaper/group.h"

#include <utility>

#include "kafka/topic_check.h"

namespace sluice {
namespace {

constexpr std::chrono::milliseconds kAskTimeout{3'000};

}  // namespace

Group::Group(kafka::ClientSettings client, const std::string& intents_topic, const std::string& orders_topic,
             int partition_count, kafka::Membership& membership, ReaperLoop& reaper)
    : client_(std::move(client)),
      intents_topic_(intents_topic),
      orders_topic_(orders_topic),
      partition_count_(partition_count),
      membership_(membership),
      reaper_(reaper) {}

Result<void> Group::follow() {
  if (!topics_checked_) {
    if (auto checked = check_topics(); !checked) return checked;
    topics_checked_ = true;
  }
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

Result<void> Group::check_topics() {
  const auto admin = kafka::TopicAdmin::open(client_, kAskTimeout);
  if (!admin) return admin.error();
  std::vector<TopicSetting> required;
  for (TopicSetting setting : kRequiredTopicSettings) {
    setting.topic = setting.topic == kIntentsTopic ? intents_topic_ : orders_topic_;
    required.push_back(setting);
  }
  return kafka::check_topics(**admin, partition_count_, required);
}

}  // namespace sluice
