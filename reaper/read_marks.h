// Pure: port to where the marks are kept from which a reaper starts again. A mark that is lost or too old costs time only.
#pragma once

#include <map>
#include <optional>

#include "reaper/read_mark.h"
#include "runtime/result.h"
#include "schemas/ids.h"

namespace sluice {

class ReadMarks {
 public:
  virtual ~ReadMarks() = default;

  // Nothing: none was kept, or it is of other topics.
  virtual Result<std::optional<ReadMark>> mark_of(Partition partition) = 0;

  virtual Result<void> keep(const std::map<Partition, ReadMark>& marks) = 0;
};

}  // namespace sluice
