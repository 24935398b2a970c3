#include "tests/tidy/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::tidy {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string verdict_on(const std::string& path, const std::string& text) {
  const Source source(path, text);
  Problems problems = name_problems(source);
  for (Problem& problem : word_problems(source, Tree{{path, source}})) problems.push_back(std::move(problem));
  std::string verdict;
  for (const Problem& problem : problems) verdict += std::to_string(problem.line) + ": " + problem.text + "\n";
  return verdict;
}

TEST(WordsTest, RefusesNamesOfFilesThatSayNothing) {
  for (const char* path : {"kafka/utils.h", "kafka/string_util.cpp", "common/ids.h", "sink/row_helper.cpp",
                           "ingest/request_handler.h", "ledger/data.h", "ledger/lane_impl.cpp", "stack/process_manager.py"}) {
    EXPECT_THAT(verdict_on(path, "// Pure: x.\n"), HasSubstr("says nothing: name it after what it is or lets one do")) << path;
  }
}

TEST(WordsTest, RefusesNamesOfTypesThatSayNothing) {
  for (const char* text : {"class LaneManager {", "struct OrderInfo : Order {", "enum class BaseKind {", "using RowData = int;",
                           "class DataLane final {", "struct Impl {"}) {
    EXPECT_THAT(verdict_on("a/b.cpp", text), HasSubstr("says nothing")) << text;
  }
  EXPECT_THAT(verdict_on("a/b.proto", "message OrderInfo {\n"), HasSubstr("'info' in OrderInfo says nothing"));
}

TEST(WordsTest, LeavesOtherNamesAlone) {
  EXPECT_THAT(verdict_on("kafka/metadata.cpp", "class Database {};\nstruct MHD_DataHandler;\nint data = base();\n"), IsEmpty());
  EXPECT_THAT(verdict_on("a/b.cpp", "const char* kText = \"class LaneManager {\";  // struct OrderInfo {\n"), IsEmpty());
}

TEST(WordsTest, RefusesMarksOfWorkLeftUndone) {
  EXPECT_THAT(verdict_on("a/b.cpp", "\n// TODO: later\n"), HasSubstr("2: no 'TODO': do it now, or file an issue"));
  EXPECT_THAT(verdict_on("a/b.py", "# FIXME\n"), HasSubstr("no 'FIXME'"));
  EXPECT_THAT(verdict_on("a/b.cpp", "const char* kMark = \"TODO\";\n"), IsEmpty());
}

TEST(WordsTest, RefusesSharedOwnership) {
  EXPECT_THAT(verdict_on("a/b.cpp", "std::shared_ptr<int> a;\n"), HasSubstr("one owner: a value or unique_ptr"));
  EXPECT_THAT(verdict_on("a/b.cpp", "auto a = std::make_shared<int>();\n"), HasSubstr("one owner"));
  EXPECT_THAT(verdict_on("a/b.cpp", "// no shared_ptr here\nstd::unique_ptr<int> a;\n"), IsEmpty());
}

TEST(WordsTest, RefusesTestsThatSleepInsteadOfWaiting) {
  EXPECT_THAT(verdict_on("tests/a/b_test.cpp", "std::this_thread::sleep_for(1s);\n"), HasSubstr("wait for the thing itself"));
  EXPECT_THAT(verdict_on("tests/a/b_test.cpp", "::usleep (1);\n"), HasSubstr("wait for the thing itself"));
  EXPECT_THAT(verdict_on("tests/a/b_test.cpp", "kettle.asleep(1); oversleep_for(1);\n"), IsEmpty());
}

TEST(WordsTest, KeepsExceptionsInAdapters) {
  const std::string code = "void f() { try { g(); } catch (const E&) { throw 1; } }\n";
  EXPECT_THAT(verdict_on("a/b.h", "// Shell: x.\n" + code), HasSubstr("exceptions stay inside the adapter"));
  EXPECT_THAT(verdict_on("a/main.cpp", code), HasSubstr("no 'throw'"));
  EXPECT_THAT(verdict_on("a/b.h", "// Adapter (yaml-cpp): x.\n" + code), IsEmpty());
  EXPECT_THAT(verdict_on("tests/a/b_test.cpp", code), IsEmpty());
}

TEST(WordsTest, KeepsClocksInOnePlace) {
  const std::string code = "auto now = std::chrono::system_clock::now();\n";
  EXPECT_THAT(verdict_on("a/b.h", "// Pure: x.\n" + code), HasSubstr("take now_ms as a parameter"));
  EXPECT_THAT(verdict_on("a/b.h", "// Shell: x.\n" + code), HasSubstr("take now_ms as a parameter"));
  EXPECT_THAT(verdict_on("a/b.h", "// Adapter (librdkafka): x.\n" + code), IsEmpty());
  EXPECT_THAT(verdict_on("runtime/clock.cpp", code), IsEmpty());
}

TEST(WordsTest, LetsTheShellMeasureSpansOfTime) {
  const std::string code = "auto deadline = std::chrono::steady_clock::now() + 1s;\n";
  EXPECT_THAT(verdict_on("a/b.h", "// Pure: x.\n" + code), HasSubstr("no time but the log's"));
  EXPECT_THAT(verdict_on("a/b.h", "// Shell: x.\n" + code), IsEmpty());
}

TEST(WordsTest, WantsSourcesListed) {
  EXPECT_THAT(verdict_on("a/CMakeLists.txt", "file(GLOB sources *.cpp)\n"), HasSubstr("no 'GLOB': list the sources"));
}

}  // namespace
}  // namespace sluice::tidy
