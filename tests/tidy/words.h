// Pure: names that say nothing, and words that stand for habits we do without.
#pragma once

#include "tests/tidy/layers.h"
#include "tests/tidy/source.h"

namespace sluice::tidy {

// Names of files, folders and types.
Problems name_problems(const Source& source);

// What must not be written, in code or in comments.
Problems word_problems(const Source& source, const Tree& tree);

}  // namespace sluice::tidy
