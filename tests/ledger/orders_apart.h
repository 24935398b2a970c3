// Pure: what stores say whose writes were cut differently, so that they can be compared.
#pragma once

#include <string>
#include <utility>

#include "ledger/store_rows.h"
#include "ledger/stored.pb.h"
#include "schemas/ids.h"
#include "tests/ledger/rows_in_memory.h"

namespace sluice {

// The same orders, each in a row of its own (kOrderRows). A chunk that is none stays as it is.
inline RowsInMemory::Rows with_orders_apart(const RowsInMemory::Rows& rows) {
  RowsInMemory::Rows apart;
  v1::StoredChunk chunk;
  for (const auto& [key, value] : rows) {
    const bool is_chunk = key.starts_with(kChunkRows) && chunk.ParseFromString(value) && !chunk.orders().empty() &&
                          key == chunk_row(chunk.orders(0).id());
    if (!is_chunk) {
      apart[key] = value;
      continue;
    }
    for (v1::Order& order : *chunk.mutable_orders()) {
      v1::StoredOrder stored;
      stored.set_version(Ticket{order.id()}.position().value);
      stored.set_changed_ms(order.created_ms());
      *stored.mutable_order() = std::move(order);
      std::string own = order_row(stored.order().id());
      if (!rows.contains(own)) apart[std::move(own)] = stored.SerializeAsString();
    }
  }
  return apart;
}

}  // namespace sluice
