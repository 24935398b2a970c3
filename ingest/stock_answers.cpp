#include "ingest/stock_answers.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <string>

#include "ingest/http_words.h"
#include "ingest/json_text.h"

namespace sluice {
namespace {

constexpr int kCacheSeconds = 1;

void add_text(std::string& body, std::string_view name, std::string_view text) {
  body += fmt::format(R"("{}":)", name);
  append_json_string(body, text);
  body += ',';
}

void add_slots(std::string& body, const SkuStock& stock) {
  body += R"("slots":[)";
  for (int i = 0; i < stock.terms.slots_size(); ++i) {
    const v1::Slot& slot = stock.terms.slots(i);
    body += fmt::format(R"({}{{"opens":"{}","closes":"{}","quantity":{},"opened":{}}})", i == 0 ? "" : ",",
                        rfc3339(slot.opens_ms()), rfc3339(slot.closes_ms()), slot.quantity(), i < stock.opened_slots);
  }
  body += "],";
}

void add_stock(std::string& body, const SkuStock& stock, UnixMillis now) {
  const v1::DefineSale& terms = stock.terms;
  const v1::Counters& counters = stock.counters;
  body += '{';
  add_text(body, "sku", terms.sku());
  add_text(body, "sale_id", terms.sale_id());
  add_text(body, "title", terms.title());
  body += fmt::format(R"("price_minor":{},)", terms.price_minor());
  add_text(body, "currency", terms.currency());
  body += fmt::format(R"("limit_per_user":{},"hold_seconds":{},"frozen":{},"on_sale":{},)", terms.limit_per_user(),
                      terms.hold_seconds(), stock.frozen, stock.is_on_sale(now));
  body += fmt::format(R"("defined":{},"unopened":{},"available":{},"held":{},"sold":{},"withdrawn":{},)", counters.defined(),
                      counters.unopened(), counters.available(), counters.held(), counters.sold(), counters.withdrawn());
  add_slots(body, stock);
  body += fmt::format(R"("log_time":"{}","position":{}}})", rfc3339(stock.log_time), stock.version.value);
}

// RFC 9110, section 13.1.2: what goes to a cache is compared weakly.
bool names(std::string_view if_none_match, std::string_view etag) {
  while (!if_none_match.empty()) {
    std::string_view one = next_part(if_none_match, ',');
    if (one == "*") return true;
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == etag) return true;
  }
  return false;
}

HttpAnswer cached(std::string body, std::string etag, std::string_view if_none_match) {
  HttpAnswer answer{.body = std::move(body), .cache_seconds = kCacheSeconds, .etag = std::move(etag)};
  if (names(if_none_match, answer.etag)) {
    answer.status = 304;
    answer.body.clear();
  }
  return answer;
}

}  // namespace

// Of all that is told, only whether it is on sale is not a function of the position.
HttpAnswer sku_answer(const SkuStock& stock, std::string_view if_none_match, UnixMillis now) {
  std::string body;
  add_stock(body, stock, now);
  std::string etag = fmt::format(R"("{}{}")", stock.version.value, stock.is_on_sale(now) ? "-on" : "");
  return cached(std::move(body), std::move(etag), if_none_match);
}

// Positions of several partitions are not one number.
HttpAnswer sales_answer(const std::vector<const SkuStock*>& stocks, bool has_more, std::string_view if_none_match,
                        UnixMillis now) {
  std::string body = R"({"sales":[)";
  for (const SkuStock* stock : stocks) {
    if (stock != stocks.front()) body += ',';
    add_stock(body, *stock, now);
  }
  body += fmt::format(R"(],"more":{}}})", has_more);
  std::string etag = fmt::format(R"("{:016x}")", XXH3_64bits(body.data(), body.size()));
  return cached(std::move(body), std::move(etag), if_none_match);
}

}  // namespace sluice
