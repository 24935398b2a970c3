// Shell: libraries that would print lines of their own on stderr write to the log instead.
#pragma once

namespace sluice {

// Of protobuf: what it says about bytes that are no message. Who parses them says so himself, once and with the place; so these
// are lines of level debug.
void take_library_logs();

}  // namespace sluice
