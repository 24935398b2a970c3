#include "tests/tidy/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::tidy {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(SourceTest, TakesCommentsOutOfTheCode) {
  const Source source("a/b.cpp", "int a;  // one\n/* two\n three */ int b;\n");
  EXPECT_EQ(source.code, "int a;        \n      \n          int b;\n");
  EXPECT_THAT(source.comments, HasSubstr("// one"));
  EXPECT_THAT(source.comments, HasSubstr("three"));
  EXPECT_THAT(source.comments, Not(HasSubstr("int")));
}

TEST(SourceTest, TakesTheContentOfLiteralsOutOfBoth) {
  const Source source("a/b.cpp", "f(\"// no { \\\" comment\", '{', '\\'', 1'000'000, R\"x(\n} \" )x\", a);\n");
  EXPECT_THAT(source.code, Not(HasSubstr("no")));
  EXPECT_THAT(source.code, Not(HasSubstr("{")));
  EXPECT_THAT(source.code, Not(HasSubstr("}")));
  EXPECT_THAT(source.code, HasSubstr("1'000'000"));
  EXPECT_THAT(source.code, HasSubstr(", a);\n"));
  EXPECT_EQ(source.code.size(), source.text.size());
  EXPECT_EQ(source.comments.find_first_not_of(" \n"), std::string::npos);
}

TEST(SourceTest, FindsWhatIsIncluded) {
  const Source source("a/b.cpp", "// #include <no>\n#include \"a/b.h\"\n#  include <sys/poll.h>  // why\n");
  ASSERT_EQ(source.includes.size(), 2U);
  EXPECT_EQ(source.includes[0].header, "a/b.h");
  EXPECT_TRUE(source.includes[0].project);
  EXPECT_EQ(source.includes[1].header, "sys/poll.h");
  EXPECT_FALSE(source.includes[1].project);
  EXPECT_EQ(source.includes[1].line, 3);
}

TEST(SourceTest, KnowsWhereItStands) {
  const Source source("tests/tidy/source_test.cpp", "");
  EXPECT_EQ(source.folder(), "tests");
  EXPECT_EQ(source.stem(), "source_test");
  EXPECT_TRUE(source.is_test());
  EXPECT_FALSE(source.is_header());
}

TEST(SourceTest, LeavesOtherLanguagesAsTheyAre) {
  const Source source("stack/a.py", "x = '//'  # why\n");
  EXPECT_EQ(source.code, source.text);
  EXPECT_EQ(source.comments, source.text);
}

}  // namespace
}  // namespace sluice::tidy
