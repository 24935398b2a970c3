// Shell: carries out a plan: sends every click, sends it again while its end is unknown, waits for its verdict, and hands
// orders to the checkout.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "runtime/result.h"
#include "schemas/ids.h"
#include "stack/buyers/answer.h"
#include "stack/buyers/checkout.h"
#include "stack/buyers/http_pool.h"
#include "stack/buyers/journal.h"
#include "stack/buyers/plan.h"
#include "stack/buyers/tally.h"

namespace sluice {

struct RushSettings {
  UnixMillis opens_at = 0;
  int connections = 512;
  std::chrono::milliseconds ask_time_out{10'000};
  std::chrono::milliseconds impatient_time_out{15};   // of an impatient buyer's first sending
  std::chrono::milliseconds retry_after{500};         // where the server does not say
  std::chrono::milliseconds give_up_after{60'000};    // since the click, of a request whose end stays unknown
  std::chrono::milliseconds verdict_within{120'000};  // since the click
};

class Rush {
 public:
  // REQUIRES: `buyers` has every buyer that the clicks name; all references outlive the rush.
  Rush(const std::vector<Click>& clicks, const std::vector<Buyer>& buyers, const RushSettings& settings, HttpPool& pool,
       Journal& journal, Checkout& checkout, Tally& tally);

  bool is_over() const { return open_ == 0 && checkout_.is_over(); }

  // Sends what is due and fits, and takes in what is answered; waits at most `limit` for that.
  void step(std::chrono::milliseconds limit);

 private:
  struct Request {
    const Click* click = nullptr;
    int attempts = 0;
    UnixMillis clicked = 0;  // when it was sent first; 0: not yet
    UnixMillis read_sent = 0;
    std::string ticket = {};  // of its acknowledgement; empty: still to be asked
  };
  using Index = std::uint64_t;

  // What is about one of its own requests.
  void on_reply(const HttpReply& reply, UnixMillis now);
  void collect_due(UnixMillis now);
  void send_what_fits(UnixMillis now);
  void ask(Index index, UnixMillis now);
  void read(Index index, UnixMillis now);
  void on_asked(Index index, const HttpReply& reply, UnixMillis now);
  void on_read(Index index, const HttpReply& reply, UnixMillis now);
  void try_again(Index index, const HttpReply& reply, UnixMillis now);
  void schedule(Index index, UnixMillis at) { due_.emplace(at, index); }
  bool is_empty_handed(const Request& request) const;
  void end(Index index, const Answer& answer, UnixMillis now);
  void end(Index index, std::string_view verdict, UnixMillis now);
  void give_up(Index index, std::string_view why, UnixMillis now);
  const Buyer& buyer_of(const Request& request) const { return buyers_[static_cast<std::size_t>(request.click->buyer)]; }

  const std::vector<Buyer>& buyers_;
  const RushSettings settings_;
  HttpPool& pool_;
  Journal& journal_;
  Checkout& checkout_;
  Tally& tally_;
  std::vector<Request> requests_;
  std::priority_queue<std::pair<UnixMillis, Index>, std::vector<std::pair<UnixMillis, Index>>, std::greater<>> due_;
  std::deque<Index> asks_;
  std::deque<Index> reads_;
  std::vector<int> waiting_;     // by buyer: requests that have no verdict yet
  std::vector<bool> has_order_;  // by buyer
  int asking_ = 0;
  int reading_ = 0;
  std::int64_t open_ = 0;
};

}  // namespace sluice
