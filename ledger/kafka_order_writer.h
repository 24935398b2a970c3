// Adapter (librdkafka): the transactional writer of one partition of `orders`.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/client_settings.h"
#include "kafka/transactional_producer.h"
#include "ledger/order_log.h"
#include "runtime/result.h"
#include "schemas/ids.h"

namespace sluice {

// Errors are fenced or retryable: start the lane again with a new writer.
class KafkaOrderWriter : public OrderWriter {
 public:
  // `application`: the transactional id is <application>-<partition>, the same in every process that may own the partition.
  static Result<std::unique_ptr<KafkaOrderWriter>> open(const kafka::ClientSettings& client, const std::string& application,
                                                        Partition partition,
                                                        std::int64_t batch_bytes_max = kafka::kBatchBytesMax);

  Result<void> acquire() override;
  Result<void> begin() override;
  Result<void> append(std::string_view sku, std::string_view record) override;
  Result<void> flush() override;
  Result<void> commit() override;

 private:
  explicit KafkaOrderWriter(std::unique_ptr<kafka::TransactionalProducer> producer);
  Result<void> hand_over();

  std::unique_ptr<kafka::TransactionalProducer> producer_;
  std::vector<kafka::TransactionalProducer::Message> waiting_;  // for more of them
};

}  // namespace sluice
