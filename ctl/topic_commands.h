// Shell: `sluicectl topics …`.
#pragma once

#include "ctl/cluster.h"
#include "ctl/verdict_text.h"
#include "schemas/topics.h"

namespace sluice {

// Of every partition: one broker may fail while another is down for maintenance.
inline constexpr int kCopiesMin = 3;

struct TopicsCommand {
  Cluster cluster;
  int partitions = kDefaultPartitions;
  int replication = kCopiesMin;
  bool single_node = false;  // chosen in so many words: one copy of everything, lost with its disk
};

// Creates what is missing and checks what is there; running it again changes nothing.
ExitCode create_topics(const TopicsCommand& command);

// Whether the topics are there with all partitions, copies and settings without which the promises do not hold.
ExitCode check_topics(const TopicsCommand& command);

}  // namespace sluice
