#include "tests/tidy/layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::tidy {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class LayersTest : public testing::Test {
 protected:
  LayersTest() {
    plant("schemas/ids.h", "// Pure: numbers.\n#pragma once\n");
    plant("runtime/check.h", "// Pure: CHECK.\n#pragma once\n#include <cstdio>\n");
    plant("runtime/log.h", "// Adapter (spdlog): the log.\n#pragma once\n");
    plant("runtime/run_loop.h", "// Shell: the loop.\n#pragma once\n");
    plant("kafka/topic_reader.h", "// Adapter (librdkafka): reads.\n#pragma once\n");
    plant("ledger/stock.h", "// Pure: stock.\n#pragma once\n");
    plant("ledger/lane.h", "// Shell: a lane.\n#pragma once\n");
  }

  void plant(const std::string& path, const std::string& text) { tree_.insert_or_assign(path, Source(path, text)); }

  // What the rules say about a file of this path and text; each on its line.
  std::string verdict_on(const std::string& path, const std::string& text) {
    plant(path, text);
    std::string verdict;
    for (const Problem& problem : layer_problems(tree_.at(path), tree_)) {
      verdict += std::to_string(problem.line) + ": " + problem.text + "\n";
    }
    return verdict;
  }
  std::string verdict_on_pure(const std::string& includes) {
    return verdict_on("ledger/rule.h", "// Pure: a rule.\n#pragma once\n" + includes);
  }

  Tree tree_;
};

TEST_F(LayersTest, FindsNothingInTheFilesThatArePlanted) {
  for (const auto& [path, source] : tree_) EXPECT_THAT(layer_problems(source, tree_), IsEmpty()) << path;
}

TEST_F(LayersTest, DemandsATagOnTheFirstLine) {
  for (const char* text : {"#pragma once\n", "// Rules.\n#pragma once\n", "// Pure rules\n#pragma once\n",
                           "\n// Pure: x.\n#pragma once\n", "// Adapter: x.\n#pragma once\n", ""}) {
    EXPECT_THAT(verdict_on("sink/rows.h", text), HasSubstr("begin the first line with '// Pure: '")) << text;
  }
  EXPECT_THAT(verdict_on("tests/sink/rows.h", "#pragma once\n"), HasSubstr("begin the first line")) << "in tests too";
}

TEST_F(LayersTest, DemandsATagOfACppWithoutAHeader) {
  EXPECT_THAT(verdict_on("sink/alone.cpp", "#include <string>\n"), HasSubstr("begin the first line"));
  EXPECT_THAT(verdict_on("sink/alone.cpp", "// Pure: rows.\n#include <string>\n"), IsEmpty());
  EXPECT_THAT(verdict_on("sink/main.cpp", "#include <string>\n"), IsEmpty());
}

TEST_F(LayersTest, DemandsPragmaOnce) {
  EXPECT_THAT(verdict_on("sink/rows.h", "// Pure: rows.\n// #pragma once\n"), HasSubstr("a header has '#pragma once'"));
}

TEST_F(LayersTest, KeepsInputOutputClocksAndThreadsOutOfPure) {
  for (const char* header : {"iostream", "fstream", "thread", "mutex", "atomic", "ctime", "random", "cstdio", "filesystem"}) {
    EXPECT_THAT(verdict_on_pure("#include <" + std::string(header) + ">\n"), HasSubstr("no I/O, clock, thread or chance"))
        << header;
  }
  EXPECT_THAT(verdict_on_pure("#include <vector>\n#include <chrono>\n#include <span>\n"), IsEmpty());
}

TEST_F(LayersTest, KeepsLibrariesOutOfPure) {
  for (const char* header :
       {"rocksdb/db.h", "librdkafka/rdkafka.h", "unistd.h", "sys/socket.h", "absl/synchronization/mutex.h"}) {
    EXPECT_THAT(verdict_on_pure("#include <" + std::string(header) + ">\n"), HasSubstr("uses no library beyond")) << header;
  }
  EXPECT_THAT(verdict_on_pure("#include <absl/container/flat_hash_map.h>\n#include <xxhash.h>\n#include <openssl/sha.h>\n"
                              "#include <google/protobuf/message.h>\n#include <fmt/format.h>\n"),
              IsEmpty());
}

TEST_F(LayersTest, LetsPureIncludeOnlyPureAndGeneratedMessages) {
  EXPECT_THAT(verdict_on_pure("#include \"ledger/lane.h\"\n"),
              HasSubstr("3: ledger/lane.h: a Pure file includes only Pure ones"));
  EXPECT_THAT(verdict_on_pure("#include \"runtime/log.h\"\n"), HasSubstr("a Pure file includes only Pure ones"));
  EXPECT_THAT(verdict_on_pure("#include \"schemas/ids.h\"\n#include \"schemas/intent.pb.h\"\n#include \"ledger/stock.h\"\n"),
              IsEmpty());
}

TEST_F(LayersTest, HoldsACppToTheTagOfItsHeader) {
  EXPECT_THAT(verdict_on("ledger/stock.cpp", "#include \"ledger/stock.h\"\n#include <thread>\n"),
              HasSubstr("2: thread: a Pure file"));
  EXPECT_THAT(verdict_on("ledger/lane.cpp", "#include \"ledger/lane.h\"\n#include <thread>\n"), IsEmpty());
}

TEST_F(LayersTest, LetsAnAdapterIncludeTheLibraryThatItNamesAndNoOther) {
  const std::string rocks = "// Adapter (RocksDB 7): rows.\n#pragma once\n";
  EXPECT_THAT(verdict_on("ledger/rows.h", rocks + "#include <rocksdb/db.h>\n#include <sys/statvfs.h>\n#include <mutex>\n"),
              IsEmpty());
  EXPECT_THAT(verdict_on("ledger/rows.h", rocks + "#include <hiredis/hiredis.h>\n"),
              HasSubstr("only an adapter that names hiredis on its first line includes it"));
  const std::string both = "// Adapter (RocksDB, hiredis): rows.\n#pragma once\n";
  EXPECT_THAT(verdict_on("ledger/rows.h", both + "#include <rocksdb/db.h>\n#include <hiredis/hiredis.h>\n"), IsEmpty());
}

TEST_F(LayersTest, KeepsLibrariesOutOfShellAndMain) {
  EXPECT_THAT(verdict_on("ledger/lane.cpp", "#include <rocksdb/db.h>\n"), HasSubstr("only an adapter that names RocksDB"));
  EXPECT_THAT(verdict_on("ledger/lane.cpp", "#include <sys/socket.h>\n"), HasSubstr("only an adapter that names Linux"));
  EXPECT_THAT(verdict_on("ledger/main.cpp", "#include <yaml-cpp/yaml.h>\n"), HasSubstr("only an adapter that names yaml-cpp"));
}

TEST_F(LayersTest, AsksToNameALibraryThatItDoesNotKnow) {
  EXPECT_THAT(verdict_on("ledger/lane.cpp", "#include <boost/asio.hpp>\n"), HasSubstr("add it to kLibraries"));
  EXPECT_THAT(verdict_on("ledger/net.h", "// Adapter (boost): net.\n#pragma once\n"), HasSubstr("boost is no library that"));
}

TEST_F(LayersTest, LetsNoDaemonIncludeAnother) {
  EXPECT_THAT(verdict_on("sink/main.cpp", "#include \"ledger/stock.h\"\n"), HasSubstr("no daemon includes another"));
  EXPECT_THAT(verdict_on("kafka/topic_reader.cpp", "#include \"ledger/lane.h\"\n"), HasSubstr("nothing shared a daemon"));
  EXPECT_THAT(verdict_on("ledger/main.cpp", "#include \"ledger/lane.h\"\n"), IsEmpty());
}

TEST_F(LayersTest, LetsCtlUseWhatIsPureOfTheLedger) {
  EXPECT_THAT(verdict_on("ctl/main.cpp", "#include \"ledger/stock.h\"\n"), IsEmpty());
  EXPECT_THAT(verdict_on("ctl/main.cpp", "#include \"ledger/lane.h\"\n"), HasSubstr("ctl includes only what is Pure"));
}

TEST_F(LayersTest, KeepsTheDirectionFromTheBottomUp) {
  EXPECT_THAT(verdict_on("runtime/run_loop.cpp", "#include \"schemas/ids.h\"\n"), HasSubstr("it includes only itself"));
  EXPECT_THAT(verdict_on("schemas/ids.cpp", "#include \"runtime/log.h\"\n"), HasSubstr("schemas/ stands at the bottom"));
  EXPECT_THAT(verdict_on("schemas/ids.cpp", "#include \"runtime/check.h\"\n"), IsEmpty());
  EXPECT_THAT(verdict_on("kafka/topic_reader.cpp", "#include \"redis/connection.h\"\n"),
              HasSubstr("kafka/ and redis/ include only"));
  EXPECT_THAT(verdict_on("kafka/topic_reader.cpp", "#include \"schemas/ids.h\"\n#include \"runtime/log.h\"\n"), IsEmpty());
}

TEST_F(LayersTest, KeepsTestsOutOfWhatIsShipped) {
  EXPECT_THAT(verdict_on("ledger/lane.cpp", "#include \"tests/ledger/memory_log.h\"\n"), HasSubstr("nothing that is shipped"));
  EXPECT_THAT(verdict_on("tests/ledger/lane_test.cpp", "#include \"ledger/lane.h\"\n#include <rocksdb/db.h>\n"), IsEmpty());
}

TEST_F(LayersTest, AnOracleKnowsTheFormatsAndNothingOfWhatItJudges) {
  const std::string path = "tests/simulation/oracle/model.cpp";
  plant("tests/simulation/oracle/model.h", "// Pure: the model.\n#pragma once\n");
  EXPECT_THAT(verdict_on(path, "#include \"tests/simulation/oracle/model.h\"\n#include \"schemas/intent.pb.h\"\n"), IsEmpty());
  EXPECT_THAT(verdict_on(path, "#include \"ledger/stock.h\"\n"), HasSubstr("nothing of what it judges"));
  EXPECT_THAT(verdict_on(path, "#include \"schemas/coverage.h\"\n"), HasSubstr("nothing of what it judges"));
  EXPECT_THAT(verdict_on("tests/simulation/world.cpp", "#include \"ledger/stock.h\"\n"), IsEmpty());
}

}  // namespace
}  // namespace sluice::tidy
