// Pure: the commands that a stopped lane tells an operator to run.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "schemas/ids.h"

namespace sluice {

inline std::string inspect_command(Partition partition) {
  return fmt::format("`sluicectl partition inspect {}`", partition.value);
}

// With what the local store says, to be compared with the log.
inline std::string inspect_command(Partition partition, Offset next, std::uint64_t digest) {
  return fmt::format("`sluicectl partition inspect {} --next {} --digest {:016x}`", partition.value, next, digest);
}

inline std::string void_command(Partition partition, Offset from, Offset to) {
  return fmt::format("`sluicectl partition void {} --from {} --to {} --reason TEXT`", partition.value, from, to);
}

}  // namespace sluice
