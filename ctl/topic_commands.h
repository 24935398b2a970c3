// Shell: `sluicectl topics …`.
#pragma once

#include <chrono>
#include <string>

#include "ctl/verdict_text.h"
#include "schemas/topics.h"

namespace sluice {

struct TopicsCommand {
  std::string brokers;
  int partitions = kDefaultPartitions;
  int replication = 3;
  bool single_node = false;  // chosen in so many words: one copy of everything, lost with its disk
  std::chrono::seconds timeout{30};
};

// Creates what is missing and checks what is there; running it again changes nothing.
ExitCode create_topics(const TopicsCommand& command);

// Whether the topics are there with all settings without which the promises do not hold.
ExitCode check_topics(const TopicsCommand& command);

}  // namespace sluice
