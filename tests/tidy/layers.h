// Pure: who may include what. Every header says on its first line what it is, and with that, what it may know:
//   Pure                rules and values: no I/O, clock or thread, no library beyond containers, hashing, text and protobuf
//   Shell               calls ports and clocks in order; hides no library
//   Adapter (Library)   hides that library, and no other
// A .cpp is what its header is. A .cpp without one says it itself; main.cpp needs no tag: it may include everything of its
// daemon.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/tidy/source.h"

namespace sluice::tidy {

struct Layer {
  enum class Kind { kPure, kShell, kAdapter, kMain };
  Kind kind;
  std::vector<std::string> libraries;  // of an adapter
};

// Nothing: it does not say.
std::optional<Layer> layer_of(const Source& source, const Tree& tree);

// Every rule about tags and includes, for one file of the tree. Tests may include what they like, but have tags too.
Problems layer_problems(const Source& source, const Tree& tree);

}  // namespace sluice::tidy
