// Pure: what can be said about a ticket from the verdicts in memory, and what must be asked of the store.
#pragma once

#include <string_view>
#include <variant>

#include "ingest/http.h"
#include "ingest/ports.h"
#include "ingest/verdicts.h"
#include "schemas/public_id.h"

namespace sluice {

// A ticket and the user who has proved that it is theirs.
struct Claim {
  Ticket ticket;
  std::string_view user;
};

struct NotDecided {};
struct AskStore {
  Ticket order;
};
using LookedUp = std::variant<HttpAnswer, NotDecided, AskStore>;

// REQUIRES: `verdicts` is of the ticket's partition and generation.
LookedUp look_up(const Verdicts& verdicts, const PublicIds& ids, const Claim& claim);

// The answer after the store was asked for `order`: the claim's own, or the one that it repeats.
HttpAnswer answer_from_store(const StoredOrder& stored, const Verdicts& verdicts, const PublicIds& ids, const Claim& claim,
                             Ticket order);

}  // namespace sluice
