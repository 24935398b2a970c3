// Pure: how SKUs stand → the JSON that anybody may read. The fields are documented in README.md.
#pragma once

#include <string_view>
#include <vector>

#include "ingest/http.h"
#include "ingest/stock_board.h"
#include "schemas/ids.h"

namespace sluice {

// 304 where the reader's `if_none_match` names what it would get.
HttpAnswer sku_answer(const SkuStock& stock, std::string_view if_none_match, UnixMillis now);

// `has_more`: there are more SKUs than these.
HttpAnswer sales_answer(const std::vector<const SkuStock*>& stocks, bool has_more, std::string_view if_none_match,
                        UnixMillis now);

}  // namespace sluice
