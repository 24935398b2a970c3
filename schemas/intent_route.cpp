#include "schemas/intent_route.h"

#include "schemas/partitioner.h"

namespace sluice {
namespace {

Partition route_of_order(std::uint64_t order, const std::string& otherwise, int partition_count) {
  const Partition named = Ticket{order}.partition();
  return order != 0 && named.value < partition_count ? named : partition_of(otherwise, partition_count);
}

}  // namespace

const std::string& sku_of(const v1::Intent& intent) {
  static const std::string kNone;
  switch (intent.kind_case()) {
    case v1::Intent::kPurchase:
      return intent.purchase().sku();
    case v1::Intent::kDue:
      return intent.due().sku();
    case v1::Intent::kDefineSale:
      return intent.define_sale().sku();
    case v1::Intent::kAdjustStock:
      return intent.adjust_stock().sku();
    case v1::Intent::kFreeze:
      return intent.freeze().sku();
    default:
      return kNone;
  }
}

std::uint64_t order_of(const v1::Intent& intent) {
  switch (intent.kind_case()) {
    case v1::Intent::kPay:
      return intent.pay().order();
    case v1::Intent::kCancel:
      return intent.cancel().order();
    case v1::Intent::kRefund:
      return intent.refund().order();
    case v1::Intent::kRefundSettled:
      return intent.refund_settled().order();
    default:
      return 0;
  }
}

Partition route_of(const v1::Intent& intent, int partition_count) {
  switch (intent.kind_case()) {
    case v1::Intent::kPay:
      return route_of_order(intent.pay().order(), intent.pay().payment_id(), partition_count);
    case v1::Intent::kRefundSettled:
      return route_of_order(intent.refund_settled().order(), intent.refund_settled().payment_id(), partition_count);
    case v1::Intent::kCancel:
    case v1::Intent::kRefund:
      return Ticket{order_of(intent)}.partition();
    default:
      return partition_of(sku_of(intent), partition_count);
  }
}

}  // namespace sluice
