#include "kafka/topic_wait.h"

#include <fmt/format.h>

#include <utility>

#include "kafka/topic_check.h"
#include "schemas/topics.h"

namespace sluice::kafka {
namespace {

constexpr std::chrono::milliseconds kAnswerTimeout{1000};  // a daemon that is asked to stop waits no longer

// What schemas/topics.h asks of such a topic, under the name that it has here.
std::vector<TopicSetting> required_of(const NeededTopic& topic) {
  std::vector<TopicSetting> required(kRequiredTopicSettings.begin(), kRequiredTopicSettings.end());
  required.insert(required.end(), kDeadLetterTopicSettings.begin(), kDeadLetterTopicSettings.end());
  std::erase_if(required, [&](const TopicSetting& setting) { return setting.topic != topic.like; });
  for (TopicSetting& setting : required) setting.topic = topic.name;
  return required;
}

}  // namespace

TopicWait::TopicWait(ClientSettings client, std::vector<NeededTopic> topics, std::chrono::milliseconds missing_for)
    : client_(std::move(client)), topics_(std::move(topics)), missing_for_(missing_for) {}

Result<void> TopicWait::ask() {
  if (done_) return {};
  if (!admin_) {
    auto admin = TopicAdmin::open(client_, kAnswerTimeout);
    if (!admin) return admin.error();
    admin_ = std::move(*admin);
  }
  for (const NeededTopic& topic : topics_) {
    if (auto checked = check(topic); !checked) return checked;
  }
  done_ = true;
  admin_.reset();
  return {};
}

Result<void> TopicWait::check(const NeededTopic& topic) {
  const auto waiting = [&](const Error& error) {
    return Error{error.kind, fmt::format("waiting for Kafka at {}: {}", client_.brokers, error.message)};
  };
  const auto count = admin_->partition_count(topic.name);
  if (!count) return waiting(count.error());
  if (!count->has_value()) return miss(topic);
  if (topic.partitions && **count != *topic.partitions) {
    return Error::fatal(
        fmt::format("topic {} has {} partitions, but topics.partitions is {}: put the topic's number there, in the settings of "
                    "every daemon. The partitions of a topic in use cannot be changed",
                    topic.name, **count, *topic.partitions));
  }
  const auto settings = admin_->settings_of(topic.name);
  if (!settings) return waiting(settings.error());
  const auto problem = problem_with_settings(topic.name, *settings, required_of(topic));
  return problem ? Error::fatal(*problem) : Result<void>();
}

Result<void> TopicWait::miss(const NeededTopic& topic) {
  const auto now = std::chrono::steady_clock::now();
  missing_since_ = missing_since_.value_or(now);
  std::string text = fmt::format(
      "topic {} is missing at {}. `sluicectl topics create --brokers {}{}` makes the topics, and says what else it needs to "
      "know; a topic of another name needs the settings of {}",
      topic.name, client_.brokers, client_.brokers, topic.partitions ? fmt::format(" --partitions {}", *topic.partitions) : "",
      topic.like);
  return now - *missing_since_ < missing_for_ ? Error::retryable(std::move(text)) : Error::fatal(std::move(text));
}

}  // namespace sluice::kafka
