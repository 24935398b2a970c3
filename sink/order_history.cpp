#include "sink/order_history.h"

namespace sluice {

Transition transition_of(const v1::Change& change) {
  switch (change.event_case()) {
    case v1::Change::kReserved:
      return {"reserved", {}};
    case v1::Change::kPaid:
      return {change.paid().bought_again() ? "bought_again" : "paid", {}};
    case v1::Change::kCancelled:
      return {"cancelled", {}};
    case v1::Change::kReleased:
      return {"released", {}};
    case v1::Change::kRefunded:
      return {"refunded", change.refunded().restocked() ? "restocked" : "withdrawn"};
    default:
      return {};
  }
}

}  // namespace sluice
