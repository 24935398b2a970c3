// Pure: how stock and orders stand in the shared view: the hashes that schemas/redis_keys.h names.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/state_view.h"
#include "ledger/stored.pb.h"
#include "schemas/ids.h"

namespace sluice {

// A whole key.
struct ViewRow {
  std::string key;
  Position version;
  std::vector<std::pair<std::string_view, std::string>> fields;  // all but the version
  UnixMillis ends = 0;                                           // Unix time at which the key ends; 0: it does not
};

// One field of a key that several share, each with its own version.
struct ViewField {
  std::string key;
  Position version;
  std::string name;
  std::string value;  // JSON, with that version
};

// `log_time`: of the partition when this is published.
ViewRow view_row(const StockSnapshot& stock, UnixMillis log_time);
// `keep`: how long after its deadline, or its end if that is later, the key of a closed order is kept.
ViewRow view_row(const OrderSnapshot& order, UnixMillis keep);
ViewRow view_row(const AliasSnapshot& alias, UnixMillis keep);
// Nothing for a payment that does not go back, or that names no order.
std::optional<ViewField> view_field(const PaymentSnapshot& payment);

// The same snapshots as the lane publishes, from the rows that it has stored; but nobody stores when an order was recorded.
StockSnapshot snapshot_of(const v1::StoredLine& line);
OrderSnapshot snapshot_of(const v1::StoredOrder& order);
AliasSnapshot snapshot_of(Ticket duplicate, const v1::StoredAlias& alias);
PaymentSnapshot snapshot_of(const v1::StoredPayment& payment);

}  // namespace sluice
