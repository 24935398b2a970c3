// Pure: the version of the rules, which stands in every record. Raised by any change after which the same intents could get
// other verdicts.
#pragma once

#include <cstdint>

namespace sluice {

inline constexpr std::uint32_t kRulesVersion = 1;

}  // namespace sluice
