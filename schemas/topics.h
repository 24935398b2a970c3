// Pure: the topics, and the settings without which the promises do not hold.
#pragma once

#include <array>
#include <string_view>

namespace sluice {

inline constexpr std::string_view kIntentsTopic = "intents";
inline constexpr std::string_view kOrdersTopic = "orders";
inline constexpr std::string_view kDeadLettersTopic = "dead-letters";

inline constexpr int kDefaultPartitions = 8;

// One setting of a topic. `intents` and `orders` have the same number of partitions; records go to their intent's partition.
struct TopicSetting {
  enum class Must { kEqual, kAtLeast };  // kAtLeast compares numbers, and -1 (unlimited) satisfies it
  std::string_view topic;
  std::string_view name;
  Must must;
  std::string_view value;
  std::string_view why;
};

inline constexpr std::string_view kWhyTwoCopies = "what was acknowledged must survive the loss of a broker";
inline constexpr std::string_view kWhyClean = "a replica that lags must not become the truth";

inline constexpr std::array kRequiredTopicSettings = {
    TopicSetting{kIntentsTopic, "message.timestamp.type", TopicSetting::Must::kEqual, "LogAppendTime",
                 "log time is the broker's, not a client's"},
    TopicSetting{kIntentsTopic, "cleanup.policy", TopicSetting::Must::kEqual, "delete", "compaction would lose intents"},
    TopicSetting{kIntentsTopic, "retention.ms", TopicSetting::Must::kAtLeast, "604800000",
                 "a ledger that was down for a week still finds what it has not decided"},
    TopicSetting{kOrdersTopic, "message.timestamp.type", TopicSetting::Must::kEqual, "LogAppendTime",
                 "a buyer's time to pay starts when the record became readable"},
    TopicSetting{kOrdersTopic, "cleanup.policy", TopicSetting::Must::kEqual, "delete", "compaction would lose history"},
    TopicSetting{kOrdersTopic, "retention.ms", TopicSetting::Must::kEqual, "-1", "orders is the ledger's redo log"},
    TopicSetting{kOrdersTopic, "retention.bytes", TopicSetting::Must::kEqual, "-1", "orders is the ledger's redo log"},
    TopicSetting{kOrdersTopic, "max.message.bytes", TopicSetting::Must::kAtLeast, "8388608",
                 "the ledger sends a whole transaction as one batch, which is what brokers call a message here"},
};

inline constexpr std::array kDeadLetterTopicSettings = {
    TopicSetting{kDeadLettersTopic, "cleanup.policy", TopicSetting::Must::kEqual, "delete", "compaction would lose letters"},
    TopicSetting{kDeadLettersTopic, "retention.ms", TopicSetting::Must::kEqual, "-1",
                 "a letter is the only place where its row is kept"},
};

// Besides, wherever there is more than one broker.
inline constexpr std::array kReplicatedTopicSettings = {
    TopicSetting{kIntentsTopic, "min.insync.replicas", TopicSetting::Must::kAtLeast, "2", kWhyTwoCopies},
    TopicSetting{kOrdersTopic, "min.insync.replicas", TopicSetting::Must::kAtLeast, "2", kWhyTwoCopies},
    TopicSetting{kDeadLettersTopic, "min.insync.replicas", TopicSetting::Must::kAtLeast, "2", kWhyTwoCopies},
    TopicSetting{kIntentsTopic, "unclean.leader.election.enable", TopicSetting::Must::kEqual, "false", kWhyClean},
    TopicSetting{kOrdersTopic, "unclean.leader.election.enable", TopicSetting::Must::kEqual, "false", kWhyClean},
    TopicSetting{kDeadLettersTopic, "unclean.leader.election.enable", TopicSetting::Must::kEqual, "false", kWhyClean},
};

}  // namespace sluice
