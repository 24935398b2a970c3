// Pure: how stock and orders stand in the shared view: the hashes that schemas/redis_keys.h names.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/state_view.h"
#include "ledger/stored.pb.h"
#include "schemas/ids.h"

namespace sluice {

struct ViewRow {
  std::string key;
  Position version;
  std::vector<std::pair<std::string_view, std::string>> fields;  // all but the version
};

// `log_time`: of the partition when this is published.
ViewRow view_row(const StockSnapshot& stock, UnixMillis log_time);
ViewRow view_row(const OrderSnapshot& order);

// The same snapshots as the lane publishes, from the rows that it has stored.
StockSnapshot snapshot_of(const v1::StoredLine& line);
OrderSnapshot snapshot_of(const v1::StoredOrder& order);

}  // namespace sluice
