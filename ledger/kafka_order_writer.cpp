#include "ledger/kafka_order_writer.h"

#include <utility>

#include "ledger/kafka_errors.h"
#include "schemas/topics.h"

namespace sluice {
namespace {

Result<void> for_the_lane(Result<void> outcome) {
  if (outcome) return outcome;
  return starting_again_may_help(outcome.error());
}

}  // namespace

Result<std::unique_ptr<KafkaOrderWriter>> KafkaOrderWriter::open(const kafka::ClientSettings& client,
                                                                 const std::string& application, Partition partition) {
  auto producer =
      kafka::TransactionalProducer::open(client, {.transactional_id = application + "-" + std::to_string(partition.value),
                                                  .topic = std::string(kOrdersTopic),
                                                  .partition = partition.value});
  if (!producer) return producer.error();
  return std::unique_ptr<KafkaOrderWriter>(new KafkaOrderWriter(std::move(*producer)));
}

KafkaOrderWriter::KafkaOrderWriter(std::unique_ptr<kafka::TransactionalProducer> producer) : producer_(std::move(producer)) {}

Result<void> KafkaOrderWriter::acquire() { return for_the_lane(producer_->init()); }
Result<void> KafkaOrderWriter::begin() { return for_the_lane(producer_->begin()); }
Result<void> KafkaOrderWriter::append(std::string_view sku, std::string_view record) {
  return for_the_lane(producer_->produce(sku, record));
}
Result<void> KafkaOrderWriter::flush() { return for_the_lane(producer_->flush()); }
Result<void> KafkaOrderWriter::commit() { return for_the_lane(producer_->commit()); }

}  // namespace sluice
