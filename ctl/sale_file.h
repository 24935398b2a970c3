// Adapter (yaml-cpp): a file with sale definitions, as people write it (ctl/README.md).
#pragma once

#include <string>
#include <vector>

#include "runtime/result.h"
#include "schemas/ids.h"
#include "schemas/intent.pb.h"

namespace sluice {

// Every document of the YAML file at `path`, in its order; at least one. `now` is what times like "+5s" count from. The error
// names file, line, key and what is wrong with it.
Result<std::vector<v1::DefineSale>> read_sale_file(const std::string& path, UnixMillis now);

// The same from text; `path` is only for the errors.
Result<std::vector<v1::DefineSale>> read_sales(const std::string& text, const std::string& path, UnixMillis now);

}  // namespace sluice
