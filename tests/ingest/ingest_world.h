// Shell: an ingest loop and, in memory, all that it asks of the world, for a test to play.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ingest/ingest_loop.h"
#include "tests/ingest/memory_ports.h"

namespace sluice {

// Of the payment gateway.
inline constexpr const char* kSecret = "0123456789abcdef0123456789abcdef";

// The header is the user's name; administrators are called "admin".
inline Admitted<std::string> authenticate(std::string_view header, Role role, UnixMillis) {
  if (header.empty()) return Refusal{Problem::kBadToken, "no token"};
  if (role == Role::kAdmin && header != "admin") return Refusal{Problem::kForbidden, "no administrator"};
  return std::string(header);
}

class IngestWorld {
 protected:
  IngestWorld(UnixMillis now, int partitions) : now_(now), counts_(metrics_, partitions) {}

  void start(const IngestRules& rules) {
    loop_.emplace(rules, ids_,
                  IngestLoop::World{appends_, tail_, stored_, stored_stock_, answers_, authenticate, webhook_check_}, counts_);
  }

  UnixMillis now_;
  PublicIds ids_{{"0123456789abcdef"}};
  WebhookCheck webhook_check_{{kSecret}, 300'000};
  MemoryAppends appends_;
  MemoryTail tail_;
  MemoryStored stored_;
  MemoryStoredStock stored_stock_;
  MemoryAnswers answers_;
  Metrics metrics_;
  IngestMetrics counts_;
  std::optional<IngestLoop> loop_;
};

}  // namespace sluice
