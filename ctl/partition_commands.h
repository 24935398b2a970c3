// Shell: `sluicectl partition …`.
#pragma once

#include <optional>
#include <string>

#include "ctl/cluster.h"
#include "ctl/verdict_text.h"
#include "schemas/ids.h"

namespace sluice {

struct PartitionInspect {
  Cluster cluster;
  int partition = 0;
  std::string application = "sluice-ledger";
  int records = 5;
  std::optional<Offset> next;  // of a local store, as a ledger's message said it
  std::string digest;          // with it, in hexadecimal
  bool as_json = false;
};

// Changes nothing. Ends with kRefused if something is wrong with the partition.
ExitCode run(const PartitionInspect& command);

struct PartitionVoid {
  Cluster cluster;
  int partition = 0;
  std::string application = "sluice-ledger";
  Offset from = 0;
  Offset to = 0;  // inclusive
  std::string reason;
  bool dry_run = false;
};

// Appends a record of the kind Voided to `orders`, as the partition's ledger would: with its transactional id, which fences the
// ledger; that starts again by itself. Only if `intents` holds none of from..to and `orders` ends before `from`.
ExitCode run(const PartitionVoid& command);

}  // namespace sluice
