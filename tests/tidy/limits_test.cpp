#include "tests/tidy/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::tidy {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string verdict_on(const std::string& path, const std::string& text) {
  std::string verdict;
  for (const Problem& problem : limit_problems(Source(path, text))) {
    verdict += std::to_string(problem.line) + ": " + problem.text + "\n";
  }
  return verdict;
}

std::string repeated(int times, const std::string& line) {
  std::string text;
  for (int i = 0; i < times; ++i) text += line;
  return text;
}

// A block of `lines` lines, braces included.
std::string block(const std::string& head, int lines) { return head + " {\n" + repeated(lines - 2, "  f();\n") + "}\n"; }

TEST(LimitsTest, KeepsFilesShort) {
  EXPECT_THAT(verdict_on("a/b.proto", repeated(kFileLinesMax, "\n")), IsEmpty());
  EXPECT_EQ(verdict_on("a/b.proto", repeated(kFileLinesMax + 1, "\n")),
            "500: a file has at most 500 lines, this one 501: split it by nouns\n");
}

TEST(LimitsTest, KeepsMainShorter) {
  EXPECT_THAT(verdict_on("sink/main.cpp", repeated(kMainLinesMax, "\n")), IsEmpty());
  EXPECT_THAT(verdict_on("sink/main.cpp", repeated(kMainLinesMax + 1, "\n")),
              HasSubstr("main.cpp has at most 80 lines, this one 81"));
}

TEST(LimitsTest, KeepsLinesShortInCharacters) {
  EXPECT_THAT(verdict_on("a/b.cpp", std::string(kColumnsMax, 'x') + "\n"), IsEmpty());
  EXPECT_THAT(verdict_on("a/b.cpp", "\n" + std::string(kColumnsMax + 1, 'x') + "\n"),
              HasSubstr("2: a line has at most 128 characters, this one 129"));
  EXPECT_THAT(verdict_on("a/b.cpp", "\xe2\x86\x92" + std::string(kColumnsMax - 1, 'x') + "\n"), IsEmpty()) << "an arrow is one";
}

TEST(LimitsTest, KeepsFunctionsShort) {
  for (const char* head : {"void f()", "template <class T>\nvoid f(T a = {})", "Foo::Foo(int a) : a_(a), b_{a}",
                           "TEST_F(Foo, Bars)", "bool operator==(const A& a) const", "auto f = [](int a)"}) {
    EXPECT_THAT(verdict_on("a/b.cpp", block(head, kFunctionLinesMax)), IsEmpty()) << head;
    EXPECT_THAT(verdict_on("a/b.cpp", block(head, kFunctionLinesMax + 1)),
                HasSubstr("a function has at most 70 lines, this one 71"))
        << head;
  }
}

TEST(LimitsTest, FindsLongFunctionsInsideOtherScopes) {
  const std::string function = block("void f()", kFunctionLinesMax + 1);
  for (const char* head : {"namespace a {", "namespace {", "class A : public B<C> {", "struct A final {",
                           "template <typename T>\nclass A {", "#define X {\n#define Y \\\n  {{\nextern \"C\" {"}) {
    EXPECT_THAT(verdict_on("a/b.h", std::string(head) + "\nint a = 1;\n" + function + "}\n"), HasSubstr("this one 71")) << head;
  }
}

TEST(LimitsTest, CountsALambdaToItsFunction) {
  const std::string lambda = "void f() {\n" + block("g([]", 50) + ");\n" + block("if (a)", 30) + "}\n";
  EXPECT_THAT(verdict_on("a/b.cpp", lambda), HasSubstr("1: a function has at most 70 lines, this one 83"));
}

TEST(LimitsTest, LetsTablesAndTypesBeLong) {
  EXPECT_THAT(verdict_on("a/b.cpp", block("constexpr std::array kTable =", 100)), IsEmpty());
  EXPECT_THAT(verdict_on("a/b.cpp", "struct A {\n" + repeated(100, "  int a;\n") + "};\n"), IsEmpty());
  EXPECT_THAT(verdict_on("a/b.cpp", "enum class A {\n" + repeated(100, "  kB,\n") + "};\n"), IsEmpty());
}

TEST(LimitsTest, IsNotFooledByBracesInTextAndComments) {
  EXPECT_THAT(verdict_on("a/b.cpp", "void f() { g(\"{{\"); } // {\n" + repeated(100, "int a();\n")), IsEmpty());
}

}  // namespace
}  // namespace sluice::tidy
