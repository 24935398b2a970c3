// Shell: what buyers who got an order do with it: they pay it (late, twice, wrongly), cancel it or walk away, and look at it
// until it is settled.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "schemas/ids.h"
#include "stack/buyers/answer.h"
#include "stack/buyers/http_pool.h"
#include "stack/buyers/journal.h"
#include "stack/buyers/plan.h"
#include "stack/buyers/tally.h"

namespace sluice {

struct Buyer {
  std::string user;
  std::string token;
};

struct CheckoutSettings {
  int connections = 128;                             // at most, of those in the pool
  std::chrono::milliseconds time_out{15'000};        // of a request
  std::chrono::milliseconds retry_after{500};        // where the server does not say
  std::chrono::milliseconds look_again_after{1000};  // from one look at an order to the next
  std::chrono::milliseconds look_after_hold{1500};   // the first look at an order that nobody paid
  std::chrono::milliseconds late_by{1000};           // a late payment, after the end of the hold
  std::chrono::milliseconds long_hold{30'000};       // an order held longer is left alone by who has walked away
  std::chrono::milliseconds settled_within{60'000};  // since the order was known, or since its hold ended
};

class Checkout {
 public:
  // Marks the tags of its calls: the pool is shared.
  static constexpr std::uint64_t kTag = std::uint64_t{1} << 63;

  // All references outlive it.
  Checkout(const CheckoutSettings& settings, HttpPool& pool, Journal& journal, Tally& tally)
      : settings_(settings), pool_(pool), journal_(journal), tally_(tally) {}

  // A buyer was told that the order in `answer` is his. Nothing happens if the plan wants nothing, or it was said before.
  // REQUIRES: `click` and `buyer` outlive this.
  void begin(std::int64_t request, const Click& click, const Buyer& buyer, const Answer& answer, UnixMillis now);

  bool is_over() const { return open_ == 0; }

  // Sends what is due and fits. Returns when something will be due; never: a time that does not come.
  UnixMillis send_due(UnixMillis now);

  // REQUIRES: the reply's tag has kTag.
  void on_reply(const HttpReply& reply, UnixMillis now);

 private:
  enum class Step { kPay, kCancel, kLook };
  struct Errand {
    std::int64_t request = 0;
    const Click* click = nullptr;
    const Buyer* buyer = nullptr;
    std::string order = {};
    std::int64_t amount_minor = 0;
    std::string currency = {};
    UnixMillis pay_by = 0;
    Step step = Step::kLook;
    int attempts = 0;           // of this step
    int payments = 0;           // that the shop has taken
    UnixMillis decided_at = 0;  // from then on, a status other than held is the last one
    UnixMillis settled_by = 0;
  };
  using Index = std::uint64_t;

  void send(Index index, UnixMillis now);
  void pay(Index index, UnixMillis now);
  void cancel(Index index, UnixMillis now);
  void look(Index index, UnixMillis now);
  void on_paid(Index index, const HttpReply& reply, UnixMillis now);
  void on_cancelled(Index index, const HttpReply& reply, UnixMillis now);
  void on_looked(Index index, const HttpReply& reply, UnixMillis now);
  void try_again(Index index, const HttpReply& reply, UnixMillis now);
  void look_from(Index index, UnixMillis at);
  std::int64_t delay_ms(const Errand& errand, UnixMillis now) const;
  bool has_long_hold(const Errand& errand, UnixMillis now) const { return errand.pay_by - now > settings_.long_hold.count(); }
  void schedule(Index index, UnixMillis at) { due_.emplace(at, index); }
  void end(std::string_view status);

  const CheckoutSettings settings_;
  HttpPool& pool_;
  Journal& journal_;
  Tally& tally_;
  std::deque<Errand> errands_;
  std::unordered_set<std::string> known_;  // orders
  std::priority_queue<std::pair<UnixMillis, Index>, std::vector<std::pair<UnixMillis, Index>>, std::greater<>> due_;
  int under_way_ = 0;
  std::int64_t open_ = 0;
};

}  // namespace sluice
