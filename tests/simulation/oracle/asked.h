// Pure: an intent as it stands in the log.
#pragma once

#include <string>

#include "schemas/ids.h"

namespace sluice::oracle {

struct Asked {
  UnixMillis append_time = 0;
  std::string bytes;
};

}  // namespace sluice::oracle
