#include "ledger/ledger_state.h"

namespace sluice {

void HeldOrder::to_order(std::uint64_t id, v1::Order& order) const {
  order.set_id(id);
  order.set_sku(line->stock.sale.sku());
  order.set_sale_id(line->stock.sale.sale_id());
  order.set_user(user);
  order.set_quantity(quantity);
  order.set_amount_minor(amount_minor);
  order.set_currency(line->stock.sale.currency());
  order.set_status(v1::HELD);
  order.set_created_ms(created);
  order.set_deadline_ms(deadline);
  order.set_hold_seconds(hold_seconds);
  order.set_key_high(key.high);
  order.set_key_low(key.low);
  order.set_content(content);
}

}  // namespace sluice
