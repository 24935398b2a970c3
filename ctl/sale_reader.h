// Shell: how the sales stand, read off the topic `orders`.
#pragma once

#include <string>
#include <vector>

#include "ctl/cluster.h"
#include "runtime/result.h"
#include "sink/rows.h"

namespace sluice {

// Every sale, or only the one of `sku`, by SKU, as it stands after the last record that was committed when this began. Reads
// the partitions from their beginning, so it takes as long as their history is. Retryable: the time-out was over before.
Result<std::vector<SaleRow>> read_all_sales(const Cluster& cluster, const std::string& sku);

}  // namespace sluice
