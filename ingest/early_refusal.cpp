#include "ingest/early_refusal.h"

#include <utility>

#include "runtime/check.h"

namespace sluice {
namespace {

// Refusals that the state of the article is the reason for, and not the buyer.
bool is_of_article(v1::Outcome outcome, v1::Reason reason) {
  return outcome == v1::REFUSED && (reason == v1::SOLD_OUT || reason == v1::NOT_ON_SALE);
}

}  // namespace

void EarlyRefusal::take(const v1::OrderRecord& record) {
  if (!record.has_change()) return;
  const v1::Change& change = record.change();
  auto found = articles_.find(change.sku());
  if (change.has_sale_defined()) {
    // Version 1 of a sale is defined once, before anything of it can have been sold.
    const bool begins = change.sale_defined().sale().version() == 1;
    if (found == articles_.end()) {
      if (!begins || articles_.size() >= bounds_.skus) return;
      found = articles_.try_emplace(change.sku()).first;
    }
    if (begins) {
      found->second.keys.clear();
      found->second.keys_complete = true;
    }
  }
  if (found == articles_.end()) return;
  for (const v1::Order& order : change.orders()) keep_key(found->second, {order.key_high(), order.key_low()});
}

void EarlyRefusal::keep_key(Article& article, const Fingerprint& key) const {
  if (!article.keys_complete) return;
  article.keys.insert(key);
  if (article.keys.size() <= bounds_.keys_per_sku) return;
  article.keys_complete = false;
  article.keys.clear();
}

EarlyRefusal::Course EarlyRefusal::arrived(std::string_view sku, const Request& request) {
  const auto found = articles_.find(std::string(sku));
  if (found == articles_.end() || !found->second.keys_complete) return Course::kAppend;
  Article& article = found->second;
  if (!article.probe) {
    article.probe = request;
    return Course::kProbe;
  }
  if (!article.shut || article.keys.contains(request.fingerprint)) return Course::kAppend;
  if (article.behind.size() + article.waiting.size() >= bounds_.held_per_sku) return Course::kAppend;
  article.waiting.push_back(request);
  return Course::kHold;
}

EarlyRefusal::Round EarlyRefusal::ruled(std::string_view sku, AppendId probe, v1::Outcome outcome, v1::Reason reason) {
  const auto found = articles_.find(std::string(sku));
  CHECK(found != articles_.end() && found->second.probe && found->second.probe->append == probe);
  Article& article = found->second;
  const std::uint32_t quantity = std::exchange(article.probe, std::nullopt)->quantity;
  article.shut = is_of_article(outcome, reason);
  Round round;
  round.reason = reason;
  for (const Request& request : std::exchange(article.behind, {})) {
    // Where 3 units were refused as sold out, 2 may still be had.
    const bool refused = article.shut && article.keys_complete && !article.keys.contains(request.fingerprint) &&
                         (reason == v1::NOT_ON_SALE || request.quantity >= quantity);
    (refused ? round.refuse : round.append).push_back(request.append);
  }
  std::vector<Request> waiting = std::exchange(article.waiting, {});
  if (!article.shut || !article.keys_complete) {
    for (const Request& request : waiting) round.append.push_back(request.append);
    return round;
  }
  if (waiting.empty()) return round;
  article.probe = waiting.front();
  round.probe = waiting.front().append;
  article.behind.assign(waiting.begin() + 1, waiting.end());
  return round;
}

}  // namespace sluice
