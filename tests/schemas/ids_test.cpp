#include "schemas/ids.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

constexpr std::uint64_t kLargestExactDouble = std::uint64_t{1} << 53;

TEST(PositionTest, GivesBackGenerationAndOffset) {
  for (const int generation : {1, 2, 127, kGenerationMax}) {
    for (const Offset offset : {Offset{0}, Offset{1}, Offset{1'234'567}, kOffsetMax}) {
      const Position position = Position::at(Generation{generation}, offset);
      EXPECT_EQ(position.generation(), Generation{generation});
      EXPECT_EQ(position.offset(), offset);
    }
  }
}

TEST(PositionTest, IsExactInADouble) {
  const Position largest = Position::at(Generation{kGenerationMax}, kOffsetMax);
  EXPECT_LT(largest.value, kLargestExactDouble);
  EXPECT_EQ(static_cast<std::uint64_t>(static_cast<double>(largest.value)), largest.value);
}

TEST(PositionTest, IsNewerByOffsetAndBeforeThatByGeneration) {
  EXPECT_LT(Position::at(Generation{1}, 5), Position::at(Generation{1}, 6));
  EXPECT_LT(Position::at(Generation{1}, kOffsetMax), Position::at(Generation{2}, 0));
}

TEST(PositionTest, HasTheKnownValue) { EXPECT_EQ(Position::at(Generation{3}, 7).value, 0x0000'3000'0000'0007U); }

TEST(TicketTest, GivesBackPartitionAndPosition) {
  for (const int partition : {0, 1, 7, kPartitionMax}) {
    for (const Position position : {Position::at(Generation{1}, 0), Position::at(Generation{kGenerationMax}, kOffsetMax)}) {
      const Ticket ticket = Ticket::of(Partition{partition}, position);
      EXPECT_EQ(ticket.partition(), Partition{partition});
      EXPECT_EQ(ticket.position(), position);
    }
  }
}

TEST(TicketTest, HasTheKnownValue) {
  EXPECT_EQ(Ticket::of(Partition{5}, Position::at(Generation{3}, 7)).value, 0x0050'3000'0000'0007U);
}

TEST(TicketTest, IsNeverZero) { EXPECT_NE(Ticket::of(Partition{0}, Position::at(Generation{1}, 0)).value, 0U); }

TEST(TicketTest, UsesAllBitsAndNoMore) {
  EXPECT_EQ(Ticket::of(Partition{kPartitionMax}, Position::at(Generation{kGenerationMax}, kOffsetMax)).value,
            ~std::uint64_t{0});
}

}  // namespace
}  // namespace sluice
