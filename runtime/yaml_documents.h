// Adapter (yaml-cpp): how many documents a text holds, to be asked before any of them is read.
#pragma once

#include <cstddef>
#include <string>

#include "runtime/result.h"

namespace sluice {

// yaml-cpp 0.7 takes a character that belongs nowhere, like a comma at the start of a line, for one empty document after the
// other, without end: YAML::LoadAll never returns from it. Whoever reads a text that somebody else wrote asks here first; then
// neither YAML::Load nor YAML::LoadAll meets such a place. `path` is only for the error, which names the line.
Result<std::size_t> count_yaml_documents(const std::string& yaml, const std::string& path);

}  // namespace sluice
