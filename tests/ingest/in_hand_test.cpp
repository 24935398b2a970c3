#include "ingest/in_hand.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

class InHandTest : public ::testing::Test {
 protected:
  void add(Purpose::Kind kind) { in_hand_.add(++last_, {.purpose = {.kind = kind}, .began = now_}); }
  bool has_room(Purpose::Kind kind) { return in_hand_.has_room(kind, now_); }

  InHand in_hand_{{.purchases_max = 3, .reserved = 2, .append_delay_max_ms = 1'000}};
  AppendId last_ = 0;
  UnixMillis now_ = 1'000'000;
};

TEST_F(InHandTest, KeepsRoomThatPurchasesCannotTake) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(has_room(Purpose::Kind::kPurchase));
    add(Purpose::Kind::kPurchase);
  }
  EXPECT_FALSE(has_room(Purpose::Kind::kPurchase));
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(has_room(Purpose::Kind::kPayment));
    add(Purpose::Kind::kPayment);
  }
  for (const auto kind : {Purpose::Kind::kPayment, Purpose::Kind::kCancel, Purpose::Kind::kAdmin}) {
    EXPECT_FALSE(has_room(kind)) << "everything is bounded";
  }
}

TEST_F(InHandTest, HasRoomAgainWhenAnAppendHasEnded) {
  for (int i = 0; i < 3; ++i) add(Purpose::Kind::kPurchase);
  in_hand_.take(2);
  EXPECT_TRUE(has_room(Purpose::Kind::kPurchase));
}

TEST_F(InHandTest, TurnsAwayOnlyPurchasesWhileTheLogIsSlow) {
  add(Purpose::Kind::kCancel);
  now_ += 1'001;
  EXPECT_FALSE(has_room(Purpose::Kind::kPurchase));
  EXPECT_TRUE(has_room(Purpose::Kind::kPayment));
  in_hand_.take(1);
  EXPECT_TRUE(has_room(Purpose::Kind::kPurchase));
}

}  // namespace
}  // namespace sluice
