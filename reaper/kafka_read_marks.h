// Shell: the marks as the consumer group's committed offsets of `orders`, so that Kafka's own tools show how far the reaper is.
#pragma once

#include "kafka/membership.h"
#include "reaper/read_marks.h"

namespace sluice {

class KafkaReadMarks final : public ReadMarks {
 public:
  // Borrows `membership`.
  KafkaReadMarks(kafka::Membership& membership, Generation generation) : membership_(membership), generation_(generation) {}

  Result<std::optional<ReadMark>> mark_of(Partition partition) override;
  Result<void> keep(const std::map<Partition, ReadMark>& marks) override;

 private:
  kafka::Membership& membership_;
  const Generation generation_;
};

}  // namespace sluice
