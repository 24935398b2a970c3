// Pure: the daemons that there are, as tests of what all of them do see them.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace sluice {

struct DaemonUnderTest {
  const char* name;     // of its folder
  const char* program;  // the path of its binary
};

// Made by tests/daemons/CMakeLists.txt, one for each folder of a daemon.
inline std::vector<DaemonUnderTest> all_daemons() { return {SLUICE_DAEMONS}; }

inline void PrintTo(const DaemonUnderTest& daemon, std::ostream* out) { *out << daemon.name; }
inline std::string name_of(const testing::TestParamInfo<DaemonUnderTest>& daemon) { return daemon.param.name; }

}  // namespace sluice
