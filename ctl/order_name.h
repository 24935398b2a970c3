// Pure: an order as operators name it.
#pragma once

#include <optional>
#include <string_view>

#include "schemas/ids.h"

namespace sluice {

// Its ticket in decimal, as MySQL and logs have it, or its public id (schemas/public_id.h), as buyers have it. Nothing: the
// text is neither.
//
// The proof in a public id is not looked at: it takes the user and a secret, while an operator may act on any order. So a slip
// of the pen in the first 13 characters names another order; ids are pasted, not typed.
std::optional<Ticket> parse_order_name(std::string_view text);

}  // namespace sluice
