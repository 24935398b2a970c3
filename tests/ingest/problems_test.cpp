#include "ingest/problems.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <set>
#include <string>

namespace sluice {
namespace {

constexpr int kProblems = static_cast<int>(Problem::kNoWebhook) + 1;

TEST(ProblemAnswer, HasTheMembersOfRfc9457) {
  const HttpAnswer answer = problem_answer({Problem::kBadField, "quantity must be from 1 to 1000, it is 0"});
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.body, R"({"type":"/problems/bad-field","title":"A field of the request is wrong","status":422,)"
                         R"("detail":"quantity must be from 1 to 1000, it is 0"})");
}

TEST(ProblemAnswer, IsValidJsonWhateverTheDetailEchoes) {
  const HttpAnswer answer = problem_answer({Problem::kBadField, "\"\\\n\xFF"});
  simdjson::dom::parser parser;
  simdjson::dom::element parsed;
  ASSERT_EQ(parser.parse(answer.body).get(parsed), simdjson::SUCCESS) << answer.body;
}

TEST(ProblemAnswer, AsksToRepeatExactlyWhatTheServerCouldNotDo) {
  for (int i = 0; i < kProblems; ++i) {
    const HttpAnswer answer = problem_answer({static_cast<Problem>(i), "x"});
    EXPECT_EQ(answer.retry_after_seconds > 0, answer.status == 503) << answer.body;
    EXPECT_TRUE(answer.status == 503 || (answer.status >= 400 && answer.status < 500)) << answer.body;
  }
}

TEST(ProblemAnswer, GivesEveryProblemItsOwnName) {
  std::set<std::string_view> names;
  for (int i = 0; i < kProblems; ++i) names.insert(problem_name(static_cast<Problem>(i)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kProblems));
}

TEST(ProblemAnswer, NamesTheAllowedMethod) { EXPECT_EQ(problem_answer({Problem::kMethod, "x", "POST"}).allow, "POST"); }

}  // namespace
}  // namespace sluice
