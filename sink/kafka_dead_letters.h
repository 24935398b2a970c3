// Shell: the topic `dead-letters`.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "kafka/client_settings.h"
#include "kafka/idempotent_producer.h"
#include "sink/dead_letters.h"

namespace sluice {

// For one thread. The key of a letter is what it is about (dead_letter_rows.h).
class KafkaDeadLetters final : public DeadLetters {
 public:
  // Connects to the topic when the first letter is written: almost no sink ever has one.
  KafkaDeadLetters(kafka::ClientSettings client, std::string topic);

  Result<void> append(std::span<const v1::DeadLetter> letters) override;

 private:
  Result<void> await_acknowledgements();

  const kafka::ClientSettings client_;
  const std::string topic_;
  std::unique_ptr<kafka::IdempotentProducer> producer_;
};

}  // namespace sluice
