#include "ingest/public_reads.h"

#include "ingest/openapi.h"
#include "ingest/problems.h"
#include "ingest/stock_answers.h"
#include "runtime/log.h"

namespace sluice {
namespace {

constexpr std::size_t kSalesPerAnswer = 500;
constexpr UnixMillis kLoadPauseMillis = 500;
constexpr int kDescriptionCacheSeconds = 60;

HttpAnswer not_known_yet() {
  return problem_answer(
      {Problem::kNotKnownYet, "This server has just started and is still reading how sales stand; ask again"});
}

HttpAnswer not_kept() {
  return problem_answer({Problem::kNotKnownYet, "There are more SKUs than this server keeps (setting view.skus)"});
}

}  // namespace

HttpAnswer PublicReads::on_request(const Route& route, const HttpRequest& request, UnixMillis now) const {
  if (route.kind == Route::Kind::kReadSku) return read_sku(route.name, request, now);
  if (route.kind == Route::Kind::kReadSales) return read_sales(request, now);
  return {.body = std::string(openapi_json()), .cache_seconds = kDescriptionCacheSeconds};
}

HttpAnswer PublicReads::read_sku(std::string_view sku, const HttpRequest& request, UnixMillis now) const {
  const StockBoard::Found found = board_.find(sku);
  switch (found.known) {
    case StockBoard::Known::kFound:
      return sku_answer(*found.stock, request.if_none_match, now);
    case StockBoard::Known::kNoSuchSku:
      return problem_answer({Problem::kUnknownSku, "No sale of this article was ever defined"});
    case StockBoard::Known::kNotKept:
      return not_kept();
    case StockBoard::Known::kNotYet:
      break;
  }
  return not_known_yet();
}

HttpAnswer PublicReads::read_sales(const HttpRequest& request, UnixMillis now) const {
  if (!board_.complete()) return not_known_yet();
  auto stocks = board_.list(kSalesPerAnswer + 1);
  const bool has_more = stocks.size() > kSalesPerAnswer || board_.cut();
  if (stocks.size() > kSalesPerAnswer) stocks.pop_back();
  return sales_answer(stocks, has_more, request.if_none_match, now);
}

void PublicReads::take(Partition partition, const v1::OrderRecord& record) { board_.take(partition, record); }

bool PublicReads::poll(UnixMillis now) {
  if (complete_) return false;
  for (std::int32_t i = 0; i < partitions_; ++i) {
    if (tail_.reached_end(Partition{i})) board_.reached_end(Partition{i});
  }
  const auto stored = loading_ ? stored_.loaded() : std::nullopt;
  if (stored) {
    board_.take(*stored);
    loading_ = false;
    loaded_at_ = now;
  }
  const bool paused = now >= loaded_at_ && now - loaded_at_ < kLoadPauseMillis;
  if (!loading_ && !paused && board_.needs_stored()) loading_ = stored_.load();
  complete_ = board_.complete();
  if (complete_ && board_.cut()) log_warning("there are more SKUs than view.skus: reads of some answer 503");
  return stored.has_value();
}

}  // namespace sluice
