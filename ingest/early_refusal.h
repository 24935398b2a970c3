// Pure: refuses purchases of what is sold out or not on sale without appending them, where that cannot contradict the log.
//
// For each SKU one append at a time is the probe. A request is refused early only by the verdict on a probe that was sent after
// the request had come: at that place in the log, whose time the broker gave, the ledger itself said sold out or not on sale.
// No clock of ours enters, and no slot edge can lie between. A request with a key that may have been accepted before is never
// refused here: the keys of all accepted purchases of the sale are kept, and where not all of them are known (this process
// began to read in the middle of the sale) everything is appended. Requests of this key that are still under way here are found
// before anybody asks this class.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/recent_requests.h"
#include "schemas/fingerprint.h"
#include "schemas/order_record.pb.h"

namespace sluice {

struct EarlyRefusalBounds {
  std::size_t skus = 1 << 10;
  std::size_t keys_per_sku = 1 << 18;  // of accepted purchases; beyond, the SKU is left to the ledger
  std::size_t held_per_sku = 1 << 14;  // requests that wait for a probe
};

class EarlyRefusal {
 public:
  explicit EarlyRefusal(const EarlyRefusalBounds& bounds) : bounds_(bounds) {}

  // Feeds a record of `orders`, in order.
  void take(const v1::OrderRecord& record);

  struct Request {
    AppendId append = 0;
    Fingerprint fingerprint;
    std::uint32_t quantity = 0;
  };
  enum class Course {
    kAppend,
    kProbe,  // append it, and tell by ruled() how it ended
    kHold,   // keep it until a Round names it
  };
  Course arrived(std::string_view sku, const Request& request);

  // What to do with requests that were held. The new probe is appended after everything else here has been decided on.
  struct Round {
    std::vector<AppendId> refuse;  // for `reason`
    v1::Reason reason = v1::REASON_UNSPECIFIED;
    std::vector<AppendId> append;
    std::optional<AppendId> probe;
  };
  // The ledger's verdict on the SKU's probe; or that none will be waited for (lost, or too slow): OUTCOME_UNSPECIFIED.
  // REQUIRES: arrived() or a Round made `probe` the probe of the SKU, and this was not called for it yet.
  Round ruled(std::string_view sku, AppendId probe, v1::Outcome outcome, v1::Reason reason);

 private:
  struct Article {
    bool keys_complete = false;
    absl::flat_hash_set<Fingerprint> keys;
    bool shut = false;  // the last probe was refused for the article's state
    std::optional<Request> probe;
    std::vector<Request> behind;   // came before the probe was sent: its verdict holds for them
    std::vector<Request> waiting;  // came later: need the next one
  };
  void keep_key(Article& article, const Fingerprint& key) const;

  const EarlyRefusalBounds bounds_;
  absl::flat_hash_map<std::string, Article> articles_;
};

}  // namespace sluice
