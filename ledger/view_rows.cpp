#include "ledger/view_rows.h"

#include <fmt/format.h>

#include "schemas/redis_keys.h"
#include "schemas/status_word.h"

namespace sluice {
namespace {

std::string slots_json(const StockSnapshot& stock) {
  std::string json = "[";
  for (int i = 0; i < stock.sale.slots_size(); ++i) {
    const v1::Slot& slot = stock.sale.slots(i);
    json += fmt::format(R"({}{{"opens_ms":{},"closes_ms":{},"quantity":{},"opened":{}}})", i == 0 ? "" : ",", slot.opens_ms(),
                        slot.closes_ms(), slot.quantity(), i < stock.opened_slots);
  }
  return json + "]";
}

}  // namespace

ViewRow view_row(const StockSnapshot& stock, UnixMillis log_time) {
  namespace names = redis_keys;
  const v1::DefineSale& sale = stock.sale;
  const v1::Counters& counters = stock.counters;
  return {names::stock(sale.sku()),
          stock.version,
          {{names::kSaleId, sale.sale_id()},
           {names::kTitle, sale.title()},
           {names::kPriceMinor, std::to_string(sale.price_minor())},
           {names::kCurrency, sale.currency()},
           {names::kLimitPerUser, std::to_string(sale.limit_per_user())},
           {names::kDefined, std::to_string(counters.defined())},
           {names::kUnopened, std::to_string(counters.unopened())},
           {names::kAvailable, std::to_string(counters.available())},
           {names::kHeld, std::to_string(counters.held())},
           {names::kSold, std::to_string(counters.sold())},
           {names::kWithdrawn, std::to_string(counters.withdrawn())},
           {names::kFrozen, stock.frozen ? "1" : "0"},
           {names::kSlots, slots_json(stock)},
           {names::kLogTimeMs, std::to_string(log_time)}}};
}

ViewRow view_row(const OrderSnapshot& snapshot) {
  namespace names = redis_keys;
  const v1::Order& order = snapshot.order;
  return {names::order(Ticket{order.id()}),
          snapshot.version,
          {{names::kStatus, std::string(status_word(order.status()))},
           {names::kSku, order.sku()},
           {names::kUser, order.user()},
           {names::kQuantity, std::to_string(order.quantity())},
           {names::kAmountMinor, std::to_string(order.amount_minor())},
           {names::kCurrency, order.currency()},
           {names::kCreatedMs, std::to_string(order.created_ms())},
           {names::kDeadlineMs, std::to_string(order.deadline_ms())}}};
}

StockSnapshot snapshot_of(const v1::StoredLine& line) {
  return {Position{line.version()}, line.sale(), line.counters(), static_cast<int>(line.opened_slots()), line.frozen()};
}

OrderSnapshot snapshot_of(const v1::StoredOrder& order) { return {Position{order.version()}, order.order()}; }

}  // namespace sluice
