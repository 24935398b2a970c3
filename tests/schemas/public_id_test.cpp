#include "schemas/public_id.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

namespace sluice {
namespace {

const std::string kKey = "0123456789abcdef0123456789abcdef";
const std::string kOtherKey = "fedcba9876543210fedcba9876543210";
const Ticket kTicket = Ticket::of(Partition{5}, Position::at(Generation{1}, 1'234'567));

class PublicIdTest : public testing::Test {
 protected:
  const PublicIds ids_{{kKey}};
  const std::string id_ = ids_.write(kTicket, "alice");
};

TEST_F(PublicIdTest, ReadsWhatItWrote) {
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{1}, kTicket.value, ~std::uint64_t{0}}) {
    const std::string text = ids_.write(Ticket{value}, "alice");
    EXPECT_EQ(text.size(), PublicIds::kTextBytes);
    EXPECT_EQ(ids_.read(text, "alice"), Ticket{value}) << text;
  }
}

// Computed apart from this code, with Python's hmac.
TEST_F(PublicIdTest, WritesTheKnownAnswer) { EXPECT_EQ(id_, "00M0G00015NM7R87WM7TZ2V11"); }

TEST_F(PublicIdTest, RefusesAnotherUser) {
  EXPECT_EQ(ids_.read(id_, "bob"), std::nullopt);
  EXPECT_EQ(ids_.read(id_, ""), std::nullopt);
  EXPECT_EQ(ids_.read(id_, "alice "), std::nullopt);
}

TEST_F(PublicIdTest, RefusesAnIdOfAnotherKey) { EXPECT_EQ(PublicIds({kOtherKey}).read(id_, "alice"), std::nullopt); }

TEST_F(PublicIdTest, ReadsIdsOfEveryKeyAndWritesWithTheFirst) {
  const PublicIds rotated({kOtherKey, kKey});
  EXPECT_EQ(rotated.read(id_, "alice"), kTicket);
  const std::string written = rotated.write(kTicket, "alice");
  EXPECT_EQ(PublicIds({kOtherKey}).read(written, "alice"), kTicket);
  EXPECT_EQ(ids_.read(written, "alice"), std::nullopt);
}

TEST_F(PublicIdTest, ReadsSmallLettersAndHyphens) {
  std::string small = id_;
  std::transform(small.begin(), small.end(), small.begin(), [](unsigned char c) { return std::tolower(c); });
  EXPECT_EQ(ids_.read(small, "alice"), kTicket);
  EXPECT_EQ(ids_.read(id_.substr(0, 13) + "-" + id_.substr(13), "alice"), kTicket);
}

TEST_F(PublicIdTest, ReadsTheLettersThatPeopleTakeForDigits) {
  ASSERT_NE(id_.find('0'), std::string::npos);
  ASSERT_NE(id_.find('1'), std::string::npos);
  for (const auto& [zero, one] : {std::pair{'o', 'i'}, {'O', 'I'}, {'o', 'l'}, {'O', 'L'}}) {
    std::string copied = id_;
    std::replace(copied.begin(), copied.end(), '0', zero);
    std::replace(copied.begin(), copied.end(), '1', one);
    EXPECT_EQ(ids_.read(copied, "alice"), kTicket) << copied;
  }
}

TEST_F(PublicIdTest, RefusesEverySingleChangedCharacter) {
  for (std::size_t i = 0; i < id_.size(); ++i) {
    std::string changed = id_;
    changed[i] = changed[i] == '7' ? '8' : '7';
    EXPECT_EQ(ids_.read(changed, "alice"), std::nullopt) << changed;
  }
}

TEST_F(PublicIdTest, RefusesWhatIsNoId) {
  EXPECT_EQ(ids_.read("", "alice"), std::nullopt);
  EXPECT_EQ(ids_.read("-------------------------", "alice"), std::nullopt);
  EXPECT_EQ(ids_.read(id_.substr(1), "alice"), std::nullopt);
  EXPECT_EQ(ids_.read(id_ + "0", "alice"), std::nullopt);
  EXPECT_EQ(ids_.read("U" + id_.substr(1), "alice"), std::nullopt);
  EXPECT_EQ(ids_.read("G" + id_.substr(1), "alice"), std::nullopt) << "more than 64 bits";
  EXPECT_EQ(ids_.read(std::string(PublicIds::kTextBytes, '\0'), "alice"), std::nullopt);
}

TEST_F(PublicIdTest, IsReadWithoutItsUserByThoseWhoAreTrusted) {
  EXPECT_EQ(PublicIds::read_trusted(id_), kTicket);
  EXPECT_EQ(PublicIds::read_trusted(ids_.write(kTicket, "bob")), kTicket);
  for (const std::string& text : {std::string(), std::string("nonsense"), id_.substr(1), id_ + "0", "G" + id_.substr(1)}) {
    EXPECT_EQ(PublicIds::read_trusted(text), std::nullopt) << text;
  }
}

TEST(PublicIdKeysTest, RefusesToRunWithoutKeysOrWithWeakOnes) {
  EXPECT_DEATH(PublicIds({}), "CHECK failed");
  EXPECT_DEATH(PublicIds({kKey, "short"}), "CHECK failed");
}

}  // namespace
}  // namespace sluice
