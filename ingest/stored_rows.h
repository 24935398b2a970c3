// Adapter (simdjson): the rows of the shared view, as schemas/redis_keys.h describes them → values. What is not as described
// there is nothing, and must not be told to anybody.
#pragma once

#include <optional>
#include <string_view>

#include "ingest/order_view.h"
#include "ingest/stock_board.h"
#include "redis/connection.h"
#include "schemas/ids.h"

namespace sluice {

// The version of any row.
std::optional<Position> version_of(const RedisHash& row);

// order:<ticket>, without its refunds.
std::optional<OrderView> order_of(const RedisHash& row);
// What a row of order:<ticket> repeats; nothing if it is an order itself.
std::optional<Ticket> alias_of(const RedisHash& row);
// refunds:<ticket>; false if it is not as described.
bool add_refunds(OrderView& order, const RedisHash& row);

// stock:<sku>.
std::optional<SkuStock> stock_of(std::string_view sku, const RedisHash& row);

// progress:<partition>, if it is of these topics.
std::optional<Position> progress_of(const RedisHash& row, Generation generation, int partitions);

}  // namespace sluice
