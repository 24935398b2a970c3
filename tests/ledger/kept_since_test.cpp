#include "ledger/kept_since.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

constexpr Generation kGeneration{1};
constexpr UnixMillis kKeep = 8'000;  // a lease is 1'000
constexpr UnixMillis kBegin = 100'000;

Position at(Offset offset) { return Position::at(kGeneration, offset); }

// An order every 100 ms, its offset counts them.
void note_orders(KeptSince& kept, int from, int until) {
  for (int i = from; i < until; ++i) kept.note(at(i), kBegin + 100 * i);
}

TEST(KeptSinceTest, SpeaksOfEverythingAsLongAsNothingHasEnded) {
  KeptSince kept(kGeneration, kKeep);
  kept.note(at(5), kBegin);  // the first order; there was nothing before it
  EXPECT_EQ(kept.promise(kBegin + 10), (KeptSince::Promise{at(0), kBegin, kBegin + kKeep}));
  EXPECT_FALSE(kept.is_due(kBegin + kKeep, kBegin + 10));
}

TEST(KeptSinceTest, MovesOnBeforeTheFirstKeyCanEnd) {
  KeptSince kept(kGeneration, kKeep);
  note_orders(kept, 0, 200);
  std::optional<KeptSince::Promise> promise = kept.promise(kBegin);
  for (UnixMillis now = kBegin; now < kBegin + 3 * kKeep / 2; now += 50) {
    if (kept.is_due(promise->until, now)) {
      const auto next = kept.promise(now);
      ASSERT_TRUE(next.has_value());
      EXPECT_GT(next->version, promise->version);
      promise = next;
    }
    EXPECT_GT(promise->until, now) << "there is always a promise";
    EXPECT_GE(kBegin + 100 * promise->version.offset() + kKeep, promise->until) << "no key that it speaks of ends before it";
    EXPECT_GE(promise->since, now - kKeep) << "it does not speak of what has ended";
  }
}

TEST(KeptSinceTest, ReachesNearlyAsFarBackAsKeysAreKept) {
  KeptSince kept(kGeneration, kKeep);
  note_orders(kept, 0, 200);
  const UnixMillis now = kBegin + 15'000;
  EXPECT_LE(kept.promise(now)->since, now - kKeep + 1'000 + 1'000 / 4);
}

TEST(KeptSinceTest, SpeaksOfWhatComesWhereNothingKnownIsYoungEnough) {
  KeptSince kept(kGeneration, kKeep);
  note_orders(kept, 0, 10);
  kept.note(at(70), kBegin + 2'000);  // where the log has come to, without an order
  const auto promise = kept.promise(kBegin + 9'500);
  ASSERT_TRUE(promise.has_value());
  EXPECT_EQ(promise->version, at(70));
  EXPECT_EQ(promise->until, kBegin + 2'000 + kKeep) << "what comes may be decided late, by an old log time";
}

TEST(KeptSinceTest, PromisesNothingWhereNothingWasAskedForSoLong) {
  KeptSince kept(kGeneration, kKeep);
  note_orders(kept, 0, 10);
  EXPECT_EQ(kept.promise(kBegin + 1'000 + kKeep), std::nullopt);
}

TEST(KeptSinceTest, BeginsAnew) {
  KeptSince kept(kGeneration, kKeep);
  note_orders(kept, 0, 200);
  kept.promise(kBegin + 20'000);
  kept.forget();
  kept.note(at(199), kBegin + 19'900);
  EXPECT_EQ(kept.promise(kBegin + 20'000)->version, at(0));
}

}  // namespace
}  // namespace sluice
