// Pure: which SKU a purchase in a run of rulings that changed nothing was for.
#pragma once

#include <string>

#include "schemas/order_record.pb.h"

namespace sluice {

// Of verdict `index` of `run`; empty where the record names none.
inline const std::string& sku_of_verdict(const v1::Unchanged& run, int index) {
  static const std::string kNone;
  int sku = run.skus().empty() ? 0 : 1;  // counted from 1
  if (!run.sku_of().empty()) sku = index < run.sku_of_size() ? static_cast<int>(run.sku_of(index)) : 0;
  return sku >= 1 && sku <= run.skus_size() ? run.skus(sku - 1) : kNone;
}

}  // namespace sluice
