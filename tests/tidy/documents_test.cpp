#include "tests/tidy/documents.h"

#include <gmock/gmock.h>

namespace sluice::tidy {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

const std::set<std::string> kPaths = {"README.md", "ledger", "ledger/README.md", "ledger/lane.h", "ledger/lane_thread.h",
                                      "build"};

Problems problems_of(const std::string& text, const std::string& path = "ledger/README.md") {
  return document_problems(path, {{path, text}, {"README.md", "# One\n\n## When a broker's clock is wrong\n"}}, kPaths);
}

TEST(DocumentsTest, LinksToFilesFoldersAndHeadingsThatAreThereAreFine) {
  EXPECT_THAT(
      problems_of(
          "see [it](lane.h), [all](../ledger/), [top](../README.md), [clock](../README.md#when-a-brokers-clock-is-wrong)\n"
          "and [elsewhere](https://kafka.apache.org/x)\n"),
      IsEmpty());
  EXPECT_THAT(problems_of("## Here it is\n[above](#here-it-is)\n"), IsEmpty());
}

TEST(DocumentsTest, ADeadLinkIsNamedWithItsLine) {
  EXPECT_THAT(problems_of("# a\n[it](lanes.h)\n"),
              ElementsAre(AllOf(Field(&Problem::line, 2), Field(&Problem::text, HasSubstr("'lanes.h'")))));
  EXPECT_THAT(problems_of("[it](../README.md#two)\n"), ElementsAre(Field(&Problem::text, HasSubstr("'#two'"))));
  EXPECT_THAT(problems_of("[it](#two)\n"), ElementsAre(Field(&Problem::text, HasSubstr("'#two'"))));
}

TEST(DocumentsTest, ANamedFileOfTheTreeHasToBeThereWithOrWithoutItsExtension) {
  EXPECT_THAT(
      problems_of("`ledger/lane.h`, `ledger/lane`, `ledger/` and `lane`; `build/release/x`, `usr/bin/x`, `ledger/*_rules`\n"),
      IsEmpty());
  EXPECT_THAT(
      problems_of("`ledger/lan`, `ledger/lane.cpp`\n"),
      ElementsAre(Field(&Problem::text, HasSubstr("`ledger/lan`")), Field(&Problem::text, HasSubstr("`ledger/lane.cpp`"))));
}

TEST(DocumentsTest, WhatIsPrintedAsItWouldBeTypedIsNoName) { EXPECT_THAT(problems_of("```\n`ledger/none`\n```\n"), IsEmpty()); }

}  // namespace
}  // namespace sluice::tidy
