// Pure: how long a file, a function and a line may be.
#pragma once

#include "tests/tidy/source.h"

namespace sluice::tidy {

inline constexpr int kFileLinesMax = 500;
inline constexpr int kMainLinesMax = 80;
inline constexpr int kFunctionLinesMax = 70;
inline constexpr int kColumnsMax = 128;

Problems limit_problems(const Source& source);

}  // namespace sluice::tidy
