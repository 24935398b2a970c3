#include "ingest/stored_rows.h"

#include <simdjson.h>

#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "schemas/redis_keys.h"
#include "schemas/status_word.h"

namespace sluice {
namespace {

template <typename T>
std::optional<T> number(const RedisHash& row, std::string_view field) {
  const auto found = row.find(field);
  if (found == row.end()) return std::nullopt;
  T value{};
  const std::string& text = found->second;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string text(const RedisHash& row, std::string_view field) {
  const auto found = row.find(field);
  return found == row.end() ? std::string() : found->second;
}

v1::OrderStatus status_of(std::string_view word) {
  for (const v1::OrderStatus status : {v1::HELD, v1::PAID, v1::CANCELLED, v1::RELEASED, v1::REFUNDED}) {
    if (status_word(status) == word) return status;
  }
  return v1::ORDER_STATUS_UNSPECIFIED;
}

std::optional<RefundView> refund_of(std::string_view payment_id, const std::string& json) {
  simdjson::dom::parser parser;
  simdjson::dom::element row;
  std::string_view currency;
  std::string_view reason;
  RefundView refund{.payment_id = std::string(payment_id)};
  const bool readable =
      parser.parse(json).get(row) == simdjson::SUCCESS && row["version"].get(refund.version.value) == simdjson::SUCCESS &&
      row["amount_minor"].get(refund.amount_minor) == simdjson::SUCCESS && row["currency"].get(currency) == simdjson::SUCCESS &&
      row["reason"].get(reason) == simdjson::SUCCESS && row["settled"].get(refund.settled) == simdjson::SUCCESS;
  if (!readable) return std::nullopt;
  refund.currency = currency;
  refund.reason = reason;
  return refund;
}

// False: the text is not as described.
bool read_slots(const std::string& json, SkuStock& stock) {
  simdjson::dom::parser parser;
  simdjson::dom::array slots;
  if (parser.parse(json).get(slots) != simdjson::SUCCESS) return false;
  for (const simdjson::dom::element row : slots) {
    std::int64_t opens = 0;
    std::int64_t closes = 0;
    std::uint64_t quantity = 0;
    bool opened = false;
    const bool readable = row["opens_ms"].get(opens) == simdjson::SUCCESS &&
                          row["closes_ms"].get(closes) == simdjson::SUCCESS &&
                          row["quantity"].get(quantity) == simdjson::SUCCESS && row["opened"].get(opened) == simdjson::SUCCESS;
    if (!readable) return false;
    v1::Slot& slot = *stock.terms.add_slots();
    slot.set_opens_ms(opens);
    slot.set_closes_ms(closes);
    slot.set_quantity(static_cast<std::uint32_t>(quantity));
    stock.opened_slots += opened ? 1 : 0;
  }
  return true;
}

bool read_terms(const RedisHash& row, v1::DefineSale& terms) {
  const auto price = number<std::int64_t>(row, redis_keys::kPriceMinor);
  const auto limit = number<std::uint32_t>(row, redis_keys::kLimitPerUser);
  const auto hold = number<std::uint32_t>(row, redis_keys::kHoldSeconds);
  if (!price || !limit || !hold) return false;
  terms.set_sale_id(text(row, redis_keys::kSaleId));
  terms.set_title(text(row, redis_keys::kTitle));
  terms.set_price_minor(*price);
  terms.set_currency(text(row, redis_keys::kCurrency));
  terms.set_limit_per_user(*limit);
  terms.set_hold_seconds(*hold);
  return true;
}

bool read_counters(const RedisHash& row, v1::Counters& counters) {
  const std::array piles = {std::pair{redis_keys::kDefined, &v1::Counters::set_defined},
                            std::pair{redis_keys::kUnopened, &v1::Counters::set_unopened},
                            std::pair{redis_keys::kAvailable, &v1::Counters::set_available},
                            std::pair{redis_keys::kHeld, &v1::Counters::set_held},
                            std::pair{redis_keys::kSold, &v1::Counters::set_sold},
                            std::pair{redis_keys::kWithdrawn, &v1::Counters::set_withdrawn}};
  for (const auto& [field, set] : piles) {
    const auto units = number<std::int64_t>(row, field);
    if (!units) return false;
    (counters.*set)(*units);
  }
  counters.set_sale_id(text(row, redis_keys::kSaleId));
  return true;
}

}  // namespace

std::optional<Position> version_of(const RedisHash& row) {
  const auto value = number<std::uint64_t>(row, redis_keys::kVersion);
  return value ? std::optional(Position{*value}) : std::nullopt;
}

std::optional<OrderView> order_of(const RedisHash& row) {
  const auto version = version_of(row);
  const auto quantity = number<std::uint32_t>(row, redis_keys::kQuantity);
  const auto amount = number<std::int64_t>(row, redis_keys::kAmountMinor);
  const auto created = number<std::int64_t>(row, redis_keys::kCreatedMs);
  // A ledger before 0.2 wrote only the deadline, which is never later.
  const auto deadline = number<std::int64_t>(row, redis_keys::kDeadlineMs);
  const auto pay_by = row.contains(redis_keys::kPayByMs) ? number<std::int64_t>(row, redis_keys::kPayByMs) : deadline;
  const v1::OrderStatus status = status_of(text(row, redis_keys::kStatus));
  if (!version || !quantity || !amount || !created || !pay_by || status == v1::ORDER_STATUS_UNSPECIFIED) return std::nullopt;
  return OrderView{.status = status,
                   .sku = text(row, redis_keys::kSku),
                   .user = text(row, redis_keys::kUser),
                   .quantity = *quantity,
                   .amount_minor = *amount,
                   .currency = text(row, redis_keys::kCurrency),
                   .created = *created,
                   .pay_by = *pay_by,
                   .version = *version,
                   .whole = true};
}

std::optional<Ticket> alias_of(const RedisHash& row) {
  const auto value = number<std::uint64_t>(row, redis_keys::kAliasOf);
  return value ? std::optional(Ticket{*value}) : std::nullopt;
}

bool add_refunds(OrderView& order, const RedisHash& row) {
  for (const auto& [field, json] : row) {
    if (!field.starts_with(redis_keys::kPaymentPrefix)) continue;
    auto refund = refund_of(std::string_view(field).substr(redis_keys::kPaymentPrefix.size()), json);
    if (!refund) return false;
    add_refund(order, std::move(*refund));
  }
  return true;
}

std::optional<SkuStock> stock_of(std::string_view sku, const RedisHash& row) {
  const auto version = version_of(row);
  const auto log_time = number<std::int64_t>(row, redis_keys::kLogTimeMs);
  const std::string frozen = text(row, redis_keys::kFrozen);
  if (!version || !log_time || (frozen != "0" && frozen != "1")) return std::nullopt;
  SkuStock stock;
  stock.version = *version;
  stock.log_time = *log_time;
  stock.frozen = frozen == "1";
  stock.terms.set_sku(sku.data(), sku.size());
  const bool readable =
      read_terms(row, stock.terms) && read_counters(row, stock.counters) && read_slots(text(row, redis_keys::kSlots), stock);
  return readable ? std::optional(std::move(stock)) : std::nullopt;
}

std::optional<Position> progress_of(const RedisHash& row, Generation generation, int partitions) {
  const bool of_these_topics =
      number<int>(row, redis_keys::kGeneration) == generation.value && number<int>(row, redis_keys::kPartitions) == partitions;
  return of_these_topics ? version_of(row) : std::nullopt;
}

}  // namespace sluice
