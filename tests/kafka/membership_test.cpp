#include "kafka/membership.h"

#include <gmock/gmock.h>

#include "tests/kafka/real_broker.h"
#include "tests/runtime/comes_true.h"

namespace sluice::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class MembershipTest : public RealBrokerTest {
 protected:
  std::unique_ptr<Membership> join(const std::string& instance) {
    auto member = Membership::join(client_, {.group = group_, .instance = instance, .topic = topic_});
    EXPECT_TRUE(member) << member.error().message;
    return std::move(*member);
  }

  // The members' next change, each polled in turn, as processes of their own would be.
  MembershipChange next_change(Membership& awaited, const std::vector<Membership*>& others = {}) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(30);
    while (std::chrono::steady_clock::now() < deadline) {
      for (Membership* other : others) {
        const auto change = other->poll(milliseconds(10));
        EXPECT_TRUE(change);
        if (change && change->revoked) {
          EXPECT_TRUE(other->give_back());
        }
      }
      auto change = awaited.poll(milliseconds(20));
      EXPECT_TRUE(change) << change.error().message;
      if (!change || change->assigned || change->revoked) return change ? *change : MembershipChange{};
    }
    ADD_FAILURE() << "no change of the membership came";
    return {};
  }

  // The group has changed: gives its partitions back, and returns what it is assigned then.
  std::vector<std::int32_t> make_room(Membership& member) {
    EXPECT_TRUE(next_change(member).revoked);
    EXPECT_TRUE(member.give_back());
    const auto change = next_change(member);
    EXPECT_TRUE(change.assigned);
    return change.assigned ? change.assigned->partitions : std::vector<std::int32_t>();
  }

  void SetUp() override {
    RealBrokerTest::SetUp();
    if (HasFatalFailure()) return;
    topic_ = make_topic(4);
    group_ = unique("group");
  }

  std::string topic_;
  std::string group_;
};

TEST_F(MembershipTest, TheOnlyMemberIsAssignedEveryPartition) {
  auto member = join("a");
  const auto change = next_change(*member);
  ASSERT_TRUE(change.assigned);
  EXPECT_EQ(change.assigned->epoch, 1U);
  EXPECT_THAT(change.assigned->partitions, ElementsAre(0, 1, 2, 3));
  member->leave(seconds(5));
}

TEST_F(MembershipTest, ASecondMemberTakesHalfAfterTheFirstHasGivenBack) {
  auto first = join("a");
  ASSERT_TRUE(next_change(*first).assigned);
  auto second = join("b");
  const auto revoked = next_change(*first);
  ASSERT_TRUE(revoked.revoked);
  EXPECT_EQ(revoked.revoked->epoch, 1U);
  EXPECT_FALSE(revoked.revoked->lost);

  // Until it is given back, the second is assigned nothing.
  const auto waiting = second->poll(milliseconds(500));
  ASSERT_TRUE(waiting);
  EXPECT_FALSE(waiting->assigned);

  ASSERT_TRUE(first->give_back());
  const auto assigned = next_change(*first);
  ASSERT_TRUE(assigned.assigned);
  EXPECT_EQ(assigned.assigned->epoch, 2U) << "a newer assignment has a higher epoch";
  EXPECT_THAT(assigned.assigned->partitions, ElementsAre(0, 1));
  const auto other = next_change(*second);
  ASSERT_TRUE(other.assigned);
  EXPECT_THAT(other.assigned->partitions, ElementsAre(2, 3));
  first->leave(seconds(5));
  second->leave(seconds(5));
}

TEST_F(MembershipTest, WhatADeadMemberHadPassesOnAfterItsSession) {
  auto survivor = join("a");
  ASSERT_TRUE(next_change(*survivor).assigned);
  {
    auto dying = join("b");
    ASSERT_THAT(make_room(*survivor), SizeIs(2));
    ASSERT_TRUE(next_change(*dying, {survivor.get()}).assigned);
  }
  const auto died = std::chrono::steady_clock::now();
  EXPECT_THAT(make_room(*survivor), SizeIs(4));
  EXPECT_LT(std::chrono::steady_clock::now() - died, seconds(9));
  survivor->leave(seconds(5));
}

TEST_F(MembershipTest, ARestartedMemberKeepsItsPartitionsWithoutDisturbingTheOther) {
  auto other = join("a");
  ASSERT_TRUE(next_change(*other).assigned);
  auto member = join("b");
  ASSERT_THAT(make_room(*other), SizeIs(2));
  const auto before = next_change(*member, {other.get()});
  ASSERT_TRUE(before.assigned);
  member->leave(seconds(5));
  member.reset();
  member = join("b");
  const auto after = next_change(*member);
  ASSERT_TRUE(after.assigned);
  EXPECT_EQ(after.assigned->partitions, before.assigned->partitions);
  const auto undisturbed = other->poll(milliseconds(200));
  ASSERT_TRUE(undisturbed);
  EXPECT_FALSE(undisturbed->revoked);
  member->leave(seconds(5));
  other->leave(seconds(5));
}

TEST_F(MembershipTest, TwoOfOneInstanceNameAreAFatalErrorForTheFirst) {
  auto first = join("a");
  ASSERT_TRUE(next_change(*first).assigned);
  auto second = join("a");
  ASSERT_TRUE(next_change(*second).assigned);
  const auto deadline = std::chrono::steady_clock::now() + seconds(20);
  Result<MembershipChange> outcome = MembershipChange{};
  while (outcome && std::chrono::steady_clock::now() < deadline) {
    if (outcome->revoked) {
      ASSERT_TRUE(first->give_back());
    }
    outcome = first->poll(milliseconds(100));
  }
  ASSERT_FALSE(outcome) << "the first one still thinks that it is a member";
  EXPECT_NE(outcome.error().kind, Error::Kind::kRetryable);
}

TEST_F(MembershipTest, ReadsNoneOfThePartitionsThatItIsAssigned) {
  append(topic_, 0, {"a", "b", "c"});
  auto member = join("a");
  ASSERT_TRUE(next_change(*member).assigned);
  append(topic_, 0, {"d"});
  for (int i = 0; i < 5; ++i) {
    const auto change = member->poll(milliseconds(100));
    ASSERT_TRUE(change);
    EXPECT_FALSE(change->assigned || change->revoked);
  }
  member->leave(seconds(5));
}

TEST_F(MembershipTest, WhoFollowsWorksOnNothingBetweenTwoAssignments) {
  auto member = join("a");
  std::vector<std::vector<std::int32_t>> owned;
  const auto own = [&](std::span<const Partition> partitions) {
    std::vector<std::int32_t>& numbers = owned.emplace_back();
    for (const Partition partition : partitions) numbers.push_back(partition.value);
  };
  const auto is_told = [&](std::size_t times) {
    return comes_true([&] { return follow(*member, own).ok() && owned.size() >= times; });
  };
  ASSERT_TRUE(is_told(1));
  auto second = join("b");
  ASSERT_TRUE(is_told(3));
  EXPECT_THAT(owned, ElementsAre(ElementsAre(0, 1, 2, 3), IsEmpty(), ElementsAre(0, 1)));
  member->leave(seconds(5));
  second->leave(seconds(5));
}

TEST_F(MembershipTest, WhatWasCommittedIsReadAfterARestartWithItsNote) {
  auto member = join("a");
  ASSERT_TRUE(next_change(*member).assigned);
  const auto nothing = member->committed(2, seconds(20));
  ASSERT_TRUE(nothing) << nothing.error().message;
  EXPECT_FALSE(*nothing);
  const std::vector<CommittedOffset> offsets = {{.partition = 1, .offset = 7, .note = ""}, {2, 4711, "1/99"}};
  const auto committed = member->commit(offsets, seconds(20));
  ASSERT_TRUE(committed) << committed.error().message;
  member->leave(seconds(5));
  member.reset();

  member = join("a");
  const auto read = member->committed(2, seconds(20));
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->offset, 4711);
  EXPECT_EQ((*read)->note, "1/99");
  const auto without_note = member->committed(1, seconds(20));
  ASSERT_TRUE(without_note && *without_note);
  EXPECT_EQ((*without_note)->offset, 7);
  EXPECT_EQ((*without_note)->note, "");
}

}  // namespace
}  // namespace sluice::kafka
