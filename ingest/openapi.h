// Pure: the description of the public API, openapi.json, as it was when this was built.
#pragma once

#include <string_view>

namespace sluice {

std::string_view openapi_json();

}  // namespace sluice
