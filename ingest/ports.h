// Pure: what the ingest loop asks of the world. Each port has an adapter, and a stand-in in the tests.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "ingest/http.h"
#include "ingest/order_view.h"
#include "ingest/problems.h"
#include "ingest/recent_requests.h"
#include "ingest/stock_board.h"
#include "runtime/result.h"
#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice {

// How an append to `intents` ended.
struct AppendEnd {
  enum class How {
    kAcknowledged,  // on all in-sync replicas, at `offset`
    kNotWritten,    // surely not in the log
    kUnknown,       // perhaps in the log
  };
  AppendId append = 0;
  How how = How::kUnknown;
  Offset offset = 0;
};

class IntentAppends {
 public:
  virtual ~IntentAppends() = default;
  // False: there is no room, and nothing will come of it.
  virtual bool append(Partition partition, std::string_view key, std::string_view intent, AppendId append) = 0;
  // Adds the appends that have ended since the last call, each exactly once. After an error the end of everything in flight is
  // unknown.
  virtual Result<void> ended(std::vector<AppendEnd>& into) = 0;
};

// Called for each record of `orders`, in order per partition. `appended`: the record's own append time.
using TakeRecord = std::function<Result<void>(Partition partition, const v1::OrderRecord& record, UnixMillis appended)>;

class OrdersTail {
 public:
  virtual ~OrdersTail() = default;
  // Hands over a bounded number of records, and says how many. Never waits.
  virtual Result<std::size_t> read(const TakeRecord& take) = 0;
  // Whether it has handed over all that the partition held when it began. If that was anything, its last record is among it.
  virtual bool reached_end(Partition partition) const = 0;
};

// An order that is older than what the verdicts of this process go back to.
struct StoredOrder {
  enum class Known {
    kFound,
    kNone,        // no order ever came of this ticket
    kMissing,     // the store has come past it and does not have it: none came of it, or it was closed long ago
    kNotTelling,  // out of reach, behind, or being rebuilt
  };
  Exchange asked_by = 0;
  Known known = Known::kNotTelling;
  Ticket id = {};  // with kFound; another than was asked for if that was of a repetition
  OrderView order = {};
};

class StoredOrders {
 public:
  virtual ~StoredOrders() = default;
  // False: too many questions are open.
  virtual bool ask(Ticket order, Exchange asked_by) = 0;
  // Adds the answers that have come since the last call.
  virtual void answered(std::vector<StoredOrder>& into) = 0;
};

// How all SKUs stand by the shared view: only asked for at a cold start.
class StoredStock {
 public:
  virtual ~StoredStock() = default;
  // Asks for all of it. False: too many questions are open. REQUIRES: what was asked for before has come.
  virtual bool load() = 0;
  // What was asked for, once it has come; without any promise if it could not be read.
  virtual std::optional<StoredStocks> loaded() = 0;
};

class Answers {
 public:
  virtual ~Answers() = default;
  // REQUIRES: the exchange is open; this ends it.
  virtual void answer(Exchange exchange, HttpAnswer answer) = 0;
};

// What somebody wants to do by a token, and so must be allowed to.
enum class Role { kBuyer, kAdmin };

// The user that an Authorization header proves, if the token allows the role.
using Authenticate = std::function<Admitted<std::string>(std::string_view authorization, Role role, UnixMillis now)>;

}  // namespace sluice
