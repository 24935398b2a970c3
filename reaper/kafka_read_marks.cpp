#include "reaper/kafka_read_marks.h"

#include <vector>

#include "runtime/log.h"

namespace sluice {
namespace {

constexpr std::chrono::milliseconds kReadTimeout{5'000};
constexpr std::chrono::milliseconds kKeepTimeout{1'000};  // nothing depends on it, and others wait meanwhile

}  // namespace

Result<std::optional<ReadMark>> KafkaReadMarks::mark_of(Partition partition) {
  const auto committed = membership_.committed(partition.value, kReadTimeout);
  if (!committed) return committed.error();
  if (!*committed) return std::optional<ReadMark>();
  const std::optional<Offset> intent = read_note((*committed)->note, generation_);
  if (!intent) {
    log_warning("partition {}: the group's offset {} has the note '{}', which is not of generation {}: reads all of orders",
                partition.value, (*committed)->offset, (*committed)->note, generation_.value);
    return std::optional<ReadMark>();
  }
  return std::optional(ReadMark{(*committed)->offset, *intent});
}

Result<void> KafkaReadMarks::keep(const std::map<Partition, ReadMark>& marks) {
  std::vector<kafka::CommittedOffset> offsets;
  for (const auto& [partition, mark] : marks) {
    offsets.push_back({partition.value, mark.log_offset, note_of(mark, generation_)});
  }
  return membership_.commit(offsets, kKeepTimeout);
}

}  // namespace sluice
