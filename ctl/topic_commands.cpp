#include "ctl/topic_commands.h"

#include <fmt/core.h>

#include <thread>
#include <vector>

#include "ctl/complaint.h"
#include "kafka/topic_admin.h"
#include "kafka/topic_check.h"
#include "runtime/clock.h"

namespace sluice {
namespace {

constexpr std::chrono::milliseconds kBetweenQuestions{50};

// Dead letters are few, and read by people: one partition keeps them in order.
int partitions_of(std::string_view topic, const TopicsCommand& command) {
  return topic == kDeadLettersTopic ? 1 : command.partitions;
}

std::vector<TopicSetting> required_settings(const TopicsCommand& command) {
  std::vector<TopicSetting> required(kRequiredTopicSettings.begin(), kRequiredTopicSettings.end());
  required.insert(required.end(), kDeadLetterTopicSettings.begin(), kDeadLetterTopicSettings.end());
  if (!command.single_node) required.insert(required.end(), kReplicatedTopicSettings.begin(), kReplicatedTopicSettings.end());
  return required;
}

Result<void> check_copies(kafka::TopicAdmin& admin, const std::string& topic) {
  const auto copies = admin.copies_of(topic);
  if (!copies) return copies.error();
  if (*copies >= kCopiesMin) return {};
  return Error::fatal(
      fmt::format("topic {} has {} cop{} of a partition, but must have at least {} ({}). Give it more with "
                  "kafka-reassign-partitions.sh, or say --single-node if one broker is all there is",
                  topic, *copies, *copies == 1 ? "y" : "ies", kCopiesMin, kWhyTwoCopies));
}

Result<void> check_topic(kafka::TopicAdmin& admin, std::string_view name, const TopicsCommand& command) {
  const std::string topic(name);
  const auto count = admin.partition_count(topic);
  if (!count) return count.error();
  if (!count->has_value()) {
    return Error::retryable(fmt::format("topic {} is missing. What is missing, `sluicectl topics create` makes", topic));
  }
  if (**count != partitions_of(name, command)) {
    return Error::fatal(
        fmt::format("topic {} has {} partitions, not {}. Name its number with --partitions and in topics.partitions "
                    "of every daemon; the partitions of a topic in use cannot be changed",
                    topic, **count, partitions_of(name, command)));
  }
  const auto settings = admin.settings_of(topic);
  if (!settings) return settings.error();
  if (const auto problem = kafka::problem_with_settings(topic, *settings, required_settings(command))) {
    return Error::fatal(*problem);
  }
  return command.single_node ? Result<void>() : check_copies(admin, topic);
}

// The controller answers before the brokers know of the topic, and there is nothing to wait for but their answer. Returns when
// whoever comes next can use the topic.
Result<void> check_created(kafka::TopicAdmin& admin, std::string_view topic, const TopicsCommand& command) {
  const std::int64_t deadline_ns = steady_nanos() + std::chrono::nanoseconds(command.cluster.timeout).count();
  while (true) {
    auto checked = check_topic(admin, topic, command);
    const bool is_coming = !checked && checked.error().kind == Error::Kind::kRetryable;
    if (!is_coming || steady_nanos() > deadline_ns) return checked;
    std::this_thread::sleep_for(kBetweenQuestions);
  }
}

Result<void> create_topic(kafka::TopicAdmin& admin, std::string_view name, const TopicsCommand& command) {
  const std::string topic(name);
  const int replication = command.single_node ? 1 : command.replication;
  const auto created = admin.create({.name = topic,
                                     .partitions = partitions_of(name, command),
                                     .replication = replication,
                                     .settings = kafka::settings_to_create(topic, required_settings(command))});
  if (!created) {
    const std::string remedy = command.single_node ? "" : ". For a Kafka with one broker say --single-node";
    return Error{created.error().kind, created.error().message + remedy};
  }
  if (auto checked = check_created(admin, name, command); !checked) return checked;
  if (*created) {
    const int partitions = partitions_of(name, command);
    fmt::print("topic {}: created with {} partition{}, replication {}\n", topic, partitions, partitions == 1 ? "" : "s",
               replication);
    return {};
  }
  fmt::print("topic {}: is there, with the right settings\n", topic);
  return {};
}

Result<void> for_each_topic(const TopicsCommand& command,
                            Result<void> (*act)(kafka::TopicAdmin&, std::string_view, const TopicsCommand&)) {
  const auto admin =
      kafka::TopicAdmin::open({.brokers = command.cluster.brokers, .name = "sluicectl"}, command.cluster.timeout);
  if (!admin) return admin.error();
  for (const std::string_view topic : {kIntentsTopic, kOrdersTopic, kDeadLettersTopic}) {
    if (auto done = act(**admin, topic, command); !done) return done;
  }
  return {};
}

}  // namespace

ExitCode create_topics(const TopicsCommand& command) {
  const auto done = for_each_topic(command, create_topic);
  return done ? ExitCode::kDone : fail(done.error());
}

ExitCode check_topics(const TopicsCommand& command) {
  const auto done = for_each_topic(command, check_topic);
  if (!done) return fail(done.error());
  fmt::print("topics {}, {} and {}: are there, with the right settings\n", kIntentsTopic, kOrdersTopic, kDeadLettersTopic);
  return ExitCode::kDone;
}

}  // namespace sluice
