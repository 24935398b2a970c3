// Pure: where an intent goes: what names a SKU to the SKU's partition, what names an order to the order's, a payment that names
// no order of ours to the partition of its payment id.
#pragma once

#include <cstdint>
#include <string>

#include "schemas/ids.h"
#include "schemas/intent.pb.h"

namespace sluice {

// The SKU that the intent names; empty for one that names an order.
const std::string& sku_of(const v1::Intent& intent);

// The order that the intent names; 0 for one that names a SKU, or no order of ours.
std::uint64_t order_of(const v1::Intent& intent);

// REQUIRES: the intent has a kind.
Partition route_of(const v1::Intent& intent, int partition_count);

}  // namespace sluice
