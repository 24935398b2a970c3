#include "ingest/order_view.h"

#include <algorithm>
#include <utility>

namespace sluice {

void add_refund(OrderView& order, RefundView refund) {
  auto& refunds = order.refunds;
  const auto at = std::ranges::lower_bound(refunds, refund.payment_id, {}, &RefundView::payment_id);
  if (at != refunds.end() && at->payment_id == refund.payment_id) {
    if (refund.version >= at->version) *at = std::move(refund);
  } else if (refunds.size() < kRefundsPerOrderMax) {
    refunds.insert(at, std::move(refund));
  }
}

OrderView merged(OrderView one, const OrderView& other) {
  const bool other_is_newer = other.version > one.version;
  OrderView newer = other_is_newer ? other : std::move(one);
  const OrderView& older = other_is_newer ? one : other;
  for (const RefundView& refund : older.refunds) add_refund(newer, refund);
  newer.whole = newer.whole || older.whole;
  return newer;
}

}  // namespace sluice
