#include "ctl/cluster.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(ShellLine, LeavesPlainWordsAsTheyAre) {
  EXPECT_EQ(shell_line({"sluicectl", "stock", "add", "mask-ffp2", "-5", "--brokers", "a.b:9092,c:1"}),
            "sluicectl stock add mask-ffp2 -5 --brokers a.b:9092,c:1");
}

TEST(ShellLine, QuotesWhatAShellWouldTakeApart) {
  EXPECT_EQ(shell_line({"two words", "it's", "$HOME", "a;b", "", "*", "\xE5\x8F\xA3"}),
            R"('two words' 'it'\''s' '$HOME' 'a;b' '' '*' ')"
            "\xE5\x8F\xA3'");
}

}  // namespace
}  // namespace sluice
