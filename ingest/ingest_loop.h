// Shell: the whole way of a request: let in, append its intent, and have its end told. One thread: it is called by the HTTP
// server with each request and by the run loop in between.
//
//   Intake       request → intent, or why not            (what changes something)
//   InHand       the appends that are under way
//   Teller       what was ruled → the answer             (also reads of orders)
//   PublicReads  what needs no token
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ingest/in_hand.h"
#include "ingest/intake.h"
#include "ingest/metrics.h"
#include "ingest/ports.h"
#include "ingest/public_reads.h"
#include "ingest/recent_requests.h"
#include "ingest/teller.h"
#include "schemas/public_id.h"

namespace sluice {

struct IngestRules {
  Generation generation;
  int partitions = 8;
  InHandBounds in_hand = {};
  std::size_t recent_requests_max = 1 << 17;
  UnixMillis recent_requests_keep_ms = 300'000;
  VerdictBounds verdicts = {};
  std::size_t skus_max = 10'000;
};

class IngestLoop {
 public:
  struct World {
    IntentAppends& appends;
    OrdersTail& tail;
    StoredOrders& stored;
    StoredStock& stored_stock;
    Answers& answers;
    Authenticate authenticate;
    WebhookCheck webhook;
  };
  IngestLoop(const IngestRules& rules, const PublicIds& ids, World world, IngestMetrics& metrics);

  // Answers at once, or not yet: then world.answers gets the answer later.
  std::optional<HttpAnswer> on_request(Exchange exchange, const HttpRequest& request, UnixMillis now);

  // One cycle. True: something was done, and more may be at hand. An error is fatal; everybody who waited has been answered.
  Result<bool> poll_once(UnixMillis now);

  // From now on nothing is held back: who waits gets what is known now.
  void finish() { teller_.finish(); }
  // The last call: nothing more will come back, and everybody who waits is told what is known.
  void give_up();

  // Appends that have not ended.
  std::size_t in_hand() const { return in_hand_.size(); }
  const Verdicts& verdicts(Partition partition) const { return teller_.verdicts(partition); }

 private:
  // Counts answers that come later; those that come at once pass on_request.
  class CountedAnswers final : public Answers {
   public:
    CountedAnswers(Answers& answers, IngestMetrics& metrics) : answers_(answers), metrics_(metrics) {}
    void answer(Exchange exchange, HttpAnswer answer) override {
      metrics_.answers(answer.status).Increment();
      answers_.answer(exchange, std::move(answer));
    }

   private:
    Answers& answers_;
    IngestMetrics& metrics_;
  };

  std::optional<HttpAnswer> answer_to(Exchange exchange, const HttpRequest& request, UnixMillis now);
  std::optional<HttpAnswer> read_order(const Asker& asker, const Route& route, const HttpRequest& request, UnixMillis now);
  std::optional<HttpAnswer> ask_ledger(const Asker& asker, Wanted wanted, UnixMillis now);

  Result<bool> read_tail(UnixMillis now);
  void on_append_end(const AppendEnd& end, UnixMillis now);
  void fail(AppendId append, const Refusal& refusal);

  const IngestRules rules_;
  const PublicIds& ids_;
  World world_;
  IngestMetrics& metrics_;

  CountedAnswers answers_;
  Intake intake_;
  InHand in_hand_;
  Teller teller_;
  PublicReads public_reads_;
  RecentRequests recent_;
  AppendId last_append_ = 0;
  v1::Intent intent_;
  std::string intent_bytes_;
  std::vector<AppendEnd> ended_;
};

}  // namespace sluice
