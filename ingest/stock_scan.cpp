#include "ingest/stock_scan.h"

#include <string_view>
#include <utility>

#include "ingest/stored_rows.h"
#include "runtime/log.h"
#include "schemas/partitioner.h"
#include "schemas/redis_keys.h"

namespace sluice {
namespace {

constexpr std::string_view kKeysPerStep = "1000";  // that Redis looks at; few of them are stock

}  // namespace

// First how far the view is, then the rows: it writes rows before its progress, so what that covers is in the rows.
Result<bool> StockScan::step(RedisConnection& redis) {
  if (cursor_.empty()) {
    if (auto read = read_progress(redis); !read) return read.error();
    cursor_ = "0";
  }
  const auto page = redis.ask({"SCAN", cursor_, "MATCH", redis_keys::stock("*"), "COUNT", kKeysPerStep});
  if (!page) return page.error();
  if (page->elements.size() != 2) return Error::retryable("Redis answers SCAN with something else");
  cursor_ = page->elements[0].text;
  if (auto read = read_rows(redis, page->elements[1].elements); !read) return read.error();
  return cursor_ == "0" || stocks_.cut;
}

Result<void> StockScan::read_progress(RedisConnection& redis) {
  for (int partition = 0; partition < bounds_.partitions; ++partition) {
    redis.add({"HGETALL", redis_keys::progress(Partition{partition})});
  }
  auto replies = redis.exchange();
  if (!replies) return replies.error();
  for (RedisReply& reply : *replies) {
    stocks_.covered_to.push_back(progress_of(hash_in(std::move(reply)), bounds_.generation, bounds_.partitions));
  }
  return {};
}

Result<void> StockScan::read_rows(RedisConnection& redis, const std::vector<RedisReply>& keys) {
  if (keys.empty()) return {};
  for (const RedisReply& key : keys) redis.add({"HGETALL", key.text});
  auto replies = redis.exchange();
  if (!replies) return replies.error();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string_view sku = std::string_view(keys[i].text).substr(redis_keys::kStockPrefix.size());
    const RedisHash row = hash_in(std::move(replies->at(i)));
    if (auto stock = stock_of(sku, row)) {
      stocks_.cut = stocks_.cut || stocks_.rows.size() >= bounds_.skus_max;
      if (stocks_.cut) return {};
      if (stock->version.generation() == bounds_.generation) stocks_.rows.push_back(std::move(*stock));
    } else if (!row.empty()) {  // deleted between SCAN and here otherwise
      log_warning("the row {} of the shared view is not as it should be: its partition is not taken as known", keys[i].text);
      stocks_.covered_to.at(static_cast<std::size_t>(partition_of(sku, bounds_.partitions).value)).reset();
    }
  }
  return {};
}

}  // namespace sluice
