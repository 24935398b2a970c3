#include "runtime/library_log.h"

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include "runtime/log.h"

namespace sluice {
namespace {

class LibraryLogTest : public testing::Test {
 protected:
  LibraryLogTest() { take_library_logs(); }
  ~LibraryLogTest() override { set_log_level(LogLevel::kInfo); }

  static std::string printed() {
    testing::internal::CaptureStderr();
    GOOGLE_LOG(ERROR) << "Can't parse message\nof a stranger";
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(LibraryLogTest, KeepsWhatProtobufSaysOffStderr) { EXPECT_EQ(printed(), ""); }

TEST_F(LibraryLogTest, WritesItToTheLogWhenDebugging) {
  set_log_level(LogLevel::kDebug);
  EXPECT_THAT(printed(),
              testing::MatchesRegex(".* debug protobuf: .*library_log_test.cpp:[0-9]+: Can't parse message\\\\nof.*\n"));
}

}  // namespace
}  // namespace sluice
