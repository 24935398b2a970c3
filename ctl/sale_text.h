// Pure: sales as `sluicectl sale show` prints them.
#pragma once

#include <string>
#include <vector>

#include "sink/rows.h"

namespace sluice {

// For people: a paragraph a sale.
std::string sales_table(const std::vector<SaleRow>& sales);

// For programs, in one line: {"sales":[…]} with the keys that GET /v1/skus/{sku} has where they say the same; `offset` is the
// intent that last changed the sale.
std::string sales_json(const std::vector<SaleRow>& sales);

}  // namespace sluice
