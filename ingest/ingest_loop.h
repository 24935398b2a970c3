// Shell: takes requests, appends intents, follows the verdicts and answers. One thread: it is called by the HTTP server with
// each request and by the run loop in between.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/admission.h"
#include "ingest/lookup.h"
#include "ingest/metrics.h"
#include "ingest/ports.h"
#include "ingest/purchase_json.h"
#include "ingest/recent_requests.h"
#include "ingest/verdicts.h"
#include "ingest/waits.h"
#include "schemas/public_id.h"

namespace sluice {

struct IngestRules {
  Generation generation;
  int partitions = 8;
  std::size_t in_hand_max = 20'000;        // purchases whose append has not ended
  UnixMillis append_delay_max_ms = 1'000;  // when the oldest append is older, new purchases are turned away
  std::size_t recent_requests_max = 1 << 17;
  UnixMillis recent_requests_keep_ms = 300'000;
  VerdictBounds verdicts;
};

class IngestLoop {
 public:
  struct World {
    IntentAppends& appends;
    OrdersTail& tail;
    StoredOrders& stored;
    Answers& answers;
    Authenticate authenticate;
  };
  IngestLoop(const IngestRules& rules, const PublicIds& ids, World world, IngestMetrics& metrics);

  // Answers at once, or not yet: then world.answers gets the answer later.
  std::optional<HttpAnswer> on_request(Exchange exchange, const HttpRequest& request, UnixMillis now);

  // One cycle. True: something was done, and more may be at hand. An error is fatal; everybody who waited has been answered.
  Result<bool> poll_once(UnixMillis now);

  // From now on nothing is held back: who waits gets what is known now.
  void finish();

  // Purchases whose append has not ended.
  std::size_t in_hand() const { return in_hand_.size(); }
  const Verdicts& verdicts(Partition partition) const { return verdicts_.at(static_cast<std::size_t>(partition.value)); }

 private:
  // One request for an intent, or for its repetition while it is in flight.
  struct Asker {
    Exchange exchange;
    int wait_seconds;
  };
  struct Purchase {
    AdmittedPurchase admitted;
    std::string user;
    std::vector<Asker> askers;
    UnixMillis began = 0;
  };
  // Somebody who waits for a verdict or for the store.
  struct Open {
    std::string user;
    Ticket ticket;
    bool to_purchase = false;
    AskStore asked = {};
    bool verdict_known = false;
  };

  std::optional<HttpAnswer> on_purchase(const Asker& asker, const HttpRequest& request, std::string user, UnixMillis now);
  std::optional<HttpAnswer> begin(Purchase purchase, std::string_view sku);
  bool is_overloaded(UnixMillis now);

  // What is known about a ticket; nothing if that takes time (the verdict, the store).
  std::optional<HttpAnswer> tell(const Asker& asker, Open open, UnixMillis now);
  HttpAnswer pending(const Open& open) const;
  bool is_readable(Ticket ticket) const;

  void give_up();
  void on_append_end(const AppendEnd& end, UnixMillis now);
  void fail(AppendId append, const Refusal& refusal);
  Result<bool> read_tail(UnixMillis now);
  void answer_decided(UnixMillis now);
  void answer_expired(UnixMillis now);
  bool answer_stored();
  void answer(Exchange exchange, HttpAnswer answer);
  HttpAnswer counted(HttpAnswer answer);

  const IngestRules rules_;
  const PublicIds& ids_;
  World world_;
  IngestMetrics& metrics_;

  PurchaseJson json_;
  v1::Intent intent_;
  std::string intent_bytes_;
  std::vector<Verdicts> verdicts_;  // by partition
  RecentRequests recent_;
  Waits waits_;
  AppendId last_append_ = 0;
  absl::flat_hash_map<AppendId, Purchase> in_hand_;
  std::deque<std::pair<AppendId, UnixMillis>> by_age_;  // of in_hand_; may name ended ones
  absl::flat_hash_map<Exchange, Open> open_;
  std::vector<AppendEnd> ended_;
  std::vector<StoredOrder> stored_;
  std::vector<Exchange> ready_;
  UnixMillis pace_told_ = 0;
  bool finishing_ = false;
};

}  // namespace sluice
