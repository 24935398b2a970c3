// Adapter (Linux): the rules for settings that hold an address to listen on.
#pragma once

#include "runtime/setting_value.h"

namespace sluice {

// "127.0.0.1", "0.0.0.0", "::1"; no names, which would have to be looked up.
TextRule ip_address();
TextRule ipv4_address();

}  // namespace sluice
