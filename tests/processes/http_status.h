// Adapter (Linux): what a daemon's admin port says.
#pragma once

#include <string>

namespace sluice {

// The status of a GET, e.g. "200"; empty if nobody answers.
std::string http_status(int port, const std::string& path);

// The whole answer to a GET, up to 1 MiB; empty if nobody answers.
std::string http_text(int port, const std::string& path);

}  // namespace sluice
