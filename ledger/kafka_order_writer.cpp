#include "ledger/kafka_order_writer.h"

#include <utility>

#include "ledger/kafka_errors.h"
#include "schemas/topics.h"

namespace sluice {
namespace {

constexpr std::size_t kAtOnce = 500;

Result<void> for_the_lane(Result<void> outcome) {
  if (outcome) return outcome;
  return starting_again_may_help(outcome.error());
}

}  // namespace

Result<std::unique_ptr<KafkaOrderWriter>> KafkaOrderWriter::open(const kafka::ClientSettings& client,
                                                                 const std::string& application, Partition partition,
                                                                 std::int64_t batch_bytes_max) {
  auto producer =
      kafka::TransactionalProducer::open(client, {.transactional_id = application + "-" + std::to_string(partition.value),
                                                  .topic = std::string(kOrdersTopic),
                                                  .partition = partition.value,
                                                  .batch_bytes_max = batch_bytes_max});
  if (!producer) return producer.error();
  return std::unique_ptr<KafkaOrderWriter>(new KafkaOrderWriter(std::move(*producer)));
}

KafkaOrderWriter::KafkaOrderWriter(std::unique_ptr<kafka::TransactionalProducer> producer) : producer_(std::move(producer)) {}

Result<void> KafkaOrderWriter::acquire() { return for_the_lane(producer_->init()); }

Result<void> KafkaOrderWriter::begin() {
  waiting_.clear();
  return for_the_lane(producer_->begin());
}

Result<void> KafkaOrderWriter::append(std::string_view sku, std::string_view record) {
  waiting_.push_back({sku, record});
  return waiting_.size() < kAtOnce ? Result<void>() : hand_over();
}

Result<void> KafkaOrderWriter::hand_over() {
  if (waiting_.empty()) return {};
  const auto handed = producer_->produce(waiting_);
  waiting_.clear();
  return for_the_lane(handed);
}

Result<void> KafkaOrderWriter::flush() {
  if (auto handed = hand_over(); !handed) return handed;
  return for_the_lane(producer_->flush());
}

Result<void> KafkaOrderWriter::commit() { return for_the_lane(producer_->commit()); }

}  // namespace sluice
