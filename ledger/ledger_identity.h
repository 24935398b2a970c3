// Pure: whose ledger it is.
#pragma once

#include "schemas/ids.h"

namespace sluice {

struct LedgerIdentity {
  Partition partition;
  Generation generation;
  int partition_count = 0;

  Ticket ticket(Offset offset) const { return Ticket::of(partition, Position::at(generation, offset)); }
};

}  // namespace sluice
