#include "sink/group.h"

#include <vector>

namespace sluice {

Result<void> follow_group(kafka::Membership& membership, SinkLoop& sink) {
  const auto change = membership.poll(std::chrono::milliseconds{0});
  if (!change) return change.error();
  if (change->revoked) {
    sink.own({});
    if (auto given_back = membership.give_back(); !given_back) return given_back;
  }
  if (change->assigned) {
    std::vector<Partition> partitions;
    for (const std::int32_t number : change->assigned->partitions) partitions.push_back({number});
    sink.own(partitions);
  }
  return {};
}

}  // namespace sluice
