#include "stack/buyers/crowd.h"

#include <gtest/gtest.h>

#include "stack/buyers/command_line.h"
#include "tests/runtime/temporary_file.h"

namespace sluice {
namespace {

constexpr std::string_view kAnna = "x.eyJzdWIiOiJhbm5hIn0.x";  // {"sub":"anna"}
constexpr std::string_view kBert = "x.eyJzdWIiOiJiZXJ0In0.x";  // {"sub":"bert"}

std::string lines(std::initializer_list<std::string_view> tokens) {
  std::string text;
  for (const std::string_view token : tokens) text.append(token).append("\n");
  return text;
}

TEST(ReadBuyers, TakesAsManyTokensAsBuyersAreWanted) {
  const TemporaryFile file(lines({kAnna, kBert}));
  const auto both = read_buyers(file.path(), 2);
  ASSERT_TRUE(both.ok());
  EXPECT_EQ(both.value()[1].user, "bert");
  EXPECT_EQ(both.value()[1].token, kBert);
  EXPECT_EQ(read_buyers(file.path(), 1).value().size(), 1U);
}

TEST(ReadBuyers, SaysThatThereAreTooFewTokens) {
  const TemporaryFile file(lines({kAnna}));
  EXPECT_EQ(read_buyers(file.path(), 2).error().message, "tokens " + file.path() + ": has 1 tokens for 2 buyers");
}

TEST(ReadBuyers, NamesTheLineThatIsNoToken) {
  const TemporaryFile file(lines({kAnna, "secret"}));
  EXPECT_EQ(read_buyers(file.path(), 2).error().message, "tokens " + file.path() + ": line 2 is no JWT with a subject");
}

TEST(ReadBuyers, SaysThatTheFileCannotBeRead) { EXPECT_FALSE(read_buyers("/nowhere", 1).ok()); }

TEST(BuyersCommandLine, SpreadsArrivalsFromTheOpening) {
  const char* const argv[] = {"sluice-buyers", "--tokens", "t",          "--journal", "j",         "--buyers", "7",
                              "--skus",        "a,b",      "--opens-at", "1000",      "--seconds", "0.5"};
  const BuyersCommandLine line = read_buyers_command_line(5, std::size(argv), argv);
  ASSERT_EQ(line.exit_code, std::nullopt);
  EXPECT_EQ(line.crowd.plan.skus, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(line.crowd.plan.spread_ms, 500);
  EXPECT_EQ(line.crowd.rush.opens_at, 1000);
}

TEST(BuyersCommandLine, OpensNowUnlessToldOtherwise) {
  const char* const argv[] = {"sluice-buyers", "--tokens", "t", "--journal", "j", "--buyers", "7", "--skus", "a"};
  const BuyersCommandLine line = read_buyers_command_line(5, std::size(argv), argv);
  EXPECT_EQ(line.crowd.plan.opens_at, 5);
  EXPECT_EQ(line.crowd.rush.opens_at, 5);
}

TEST(BuyersCommandLine, RefusesWhatIsMissing) {
  const char* const argv[] = {"sluice-buyers"};
  EXPECT_EQ(read_buyers_command_line(5, std::size(argv), argv).exit_code, 2);
}

}  // namespace
}  // namespace sluice
