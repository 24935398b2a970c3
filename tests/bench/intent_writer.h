// Shell: appends a crowd's intents, as fast as it goes or at a rate.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "kafka/client_settings.h"
#include "kafka/idempotent_producer.h"
#include "runtime/result.h"
#include "tests/bench/crowd.h"

namespace sluice::bench {

// One thread.
class IntentWriter {
 public:
  static Result<std::unique_ptr<IntentWriter>> open(const kafka::ClientSettings& client);

  // Hands it over; waits only while very many are under way.
  Result<void> append(const Sku& sku, const v1::Intent& intent);
  Result<void> finish();

  // The offset of the latest acknowledged one.
  std::int64_t last_offset() const { return last_offset_; }

 private:
  explicit IntentWriter(std::unique_ptr<kafka::IdempotentProducer> producer);
  Result<void> look_at_reports(std::chrono::milliseconds wait);

  std::unique_ptr<kafka::IdempotentProducer> producer_;
  std::string bytes_;
  std::int64_t since_look_ = 0;
  std::int64_t last_offset_ = -1;
};

// The sales, acknowledged.
Result<void> append_sales(IntentWriter& writer, const Crowd& crowd, UnixMillis now);

// All buyers, and waits until they are acknowledged. `per_second` 0: as fast as it goes.
Result<void> append_crowd(IntentWriter& writer, const Crowd& crowd, std::int64_t per_second);

}  // namespace sluice::bench
