#include "ledger/row_fetch.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/order_chunks.h"
#include "ledger/order_rules.h"
#include "ledger/store_rows.h"
#include "runtime/check.h"
#include "schemas/intent_format.h"
#include "schemas/intent_route.h"

namespace sluice {
namespace {

void need_order(const LedgerState& state, std::uint64_t id, const WorkingSet& rows, std::vector<std::string>& missing) {
  const auto alias = rows.aliases.find(id);
  if (alias != rows.aliases.end() && alias->second.has_value()) id = *alias->second;
  if (state.accepted.is_held(id) || rows.closed_orders.contains(id)) return;
  if (alias == rows.aliases.end()) missing.push_back(alias_row(id));
  missing.push_back(order_row(id));
}

void need_payment(const std::string& id, const WorkingSet& rows, std::vector<std::string>& missing) {
  if (!rows.payments.contains(id)) missing.push_back(payment_row(id));
}

Error unreadable(std::string_view kind) {
  return Error::damaged(fmt::format("the local store has an unreadable row of kind '{}'", kind));
}

template <typename Message>
Result<Message> parse(const std::string& key, const std::string& value) {
  Message message;
  if (message.ParseFromString(value)) return message;
  return unreadable(std::string_view(key).substr(0, 1));
}

}  // namespace

std::vector<std::string> missing_rows(const LedgerState& state, std::span<const IntentMessage> intents,
                                      const WorkingSet& rows) {
  std::vector<std::string> missing;
  v1::Intent intent;
  for (const IntentMessage& message : intents) {
    if (purchase_in(message.bytes)) continue;  // needs nothing, and is what there is most of
    if (read_intent(message.bytes, intent) == Readability::kIntent) append_missing_rows(state, intent, rows, missing);
  }
  return missing;
}

void append_missing_rows(const LedgerState& state, const v1::Intent& intent, const WorkingSet& rows,
                         std::vector<std::string>& missing) {
  const std::uint64_t id = order_of(intent);
  if (id != 0) need_order(state, id, rows, missing);
  if (intent.has_pay()) need_payment(intent.pay().payment_id(), rows, missing);
  if (intent.has_refund_settled()) need_payment(intent.refund_settled().payment_id(), rows, missing);
  if (!intent.has_refund()) return;
  const OrderLookup found = find_order(state, rows, id);
  if (found.order.has_value() && found.order->status() == v1::PAID) need_payment(found.order->payment_id(), rows, missing);
}

Result<void> fetch_rows(LedgerStore& store, const std::vector<std::string>& missing, WorkingSet& rows) {
  const auto values = store.get(missing);
  if (!values) return values.error();
  std::vector<std::uint64_t> in_chunks;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (Result<void> added = add_row(rows, missing[i], (*values)[i]); !added) return added;
    if (missing[i].starts_with(kOrderRows) && !(*values)[i]) in_chunks.push_back(order_of_row(missing[i]));
  }
  std::ranges::sort(in_chunks);
  std::vector<std::string> chunks;
  chunks.reserve(in_chunks.size());
  for (const std::uint64_t id : in_chunks) chunks.push_back(chunk_row(id));
  Result<void> outcome;
  const auto searched = store.find_at_or_before(chunks, [&](std::size_t i, std::string_view, std::string_view chunk) {
    const auto found = find_in_chunk(chunk, in_chunks[i]);
    if (!found) outcome = found.error();
    if (!found || !*found) return;
    v1::StoredOrder stored;
    if (!(*found)->read(stored)) outcome = unreadable(kChunkRows);
    rows.closed_orders[in_chunks[i]] = std::move(*stored.mutable_order());
  });
  return searched ? outcome : searched;
}

Result<void> add_row(WorkingSet& rows, const std::string& key, const std::optional<std::string>& value) {
  const std::string_view kind = std::string_view(key).substr(0, 1);
  if (kind == kOrderRows) {
    std::optional<v1::Order>& order = rows.closed_orders[order_of_row(key)];
    if (!value.has_value()) return {};
    Result<v1::StoredOrder> stored = parse<v1::StoredOrder>(key, *value);
    if (!stored) return stored.error();
    order = std::move(*stored->mutable_order());
  } else if (kind == kAliasRows) {
    std::optional<std::uint64_t>& alias = rows.aliases[order_of_row(key)];
    if (!value.has_value()) return {};
    const Result<v1::StoredAlias> stored = parse<v1::StoredAlias>(key, *value);
    if (!stored) return stored.error();
    alias = stored->order();
  } else {
    CHECK(kind == kPaymentRows);
    std::optional<v1::Payment>& payment = rows.payments[key.substr(kPaymentRows.size())];
    if (!value.has_value()) return {};
    Result<v1::StoredPayment> stored = parse<v1::StoredPayment>(key, *value);
    if (!stored) return stored.error();
    payment = std::move(*stored->mutable_payment());
  }
  return {};
}

}  // namespace sluice
