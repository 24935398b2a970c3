// Pure: what happened to an order: the words of the table `order_history`.
#pragma once

#include <string_view>

#include "schemas/order_record.pb.h"

namespace sluice {

struct Transition {
  std::string_view event;   // empty: the event of the change is none of an order's, or of a newer ledger
  std::string_view reason;  // empty: the event says it all
};

// What the change did to each of its orders.
Transition transition_of(const v1::Change& change);

}  // namespace sluice
