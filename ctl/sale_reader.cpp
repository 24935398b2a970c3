#include "ctl/sale_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "kafka/topic_admin.h"
#include "kafka/topic_reader.h"
#include "runtime/clock.h"
#include "schemas/order_record.pb.h"
#include "schemas/partitioner.h"
#include "schemas/topics.h"
#include "sink/sale_board.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kBatchMessages = 10'000;
// `orders` does not say its generation but in the tickets of orders; what is shown is the intent's offset.
constexpr Generation kAnyGeneration{1};

class SaleReader {
 public:
  SaleReader(const Cluster& cluster, std::unique_ptr<kafka::TopicReader> orders)
      : cluster_(cluster),
        deadline_ns_(steady_nanos() + std::chrono::nanoseconds(cluster.timeout).count()),
        orders_(std::move(orders)) {}

  Result<void> read(Partition partition) {
    const auto bounds = orders_->bounds(partition.value, cluster_.timeout);
    if (!bounds) return bounds.error();
    if (bounds->low == bounds->high) return {};
    if (auto started = orders_->start_at(partition.value, bounds->low); !started) return started;
    auto done = fold_until(partition, bounds->high);
    orders_->stop(partition.value);
    return done;
  }

  std::vector<SaleRow> sales() && {
    std::ranges::sort(sales_, {}, [](const SaleRow& row) { return row.sale.sku(); });
    return std::move(sales_);
  }

 private:
  // The last offsets may be those of transactions' markers, which no reader is given: the end is what the reader says it is.
  Result<void> fold_until(Partition partition, std::int64_t end) {
    SaleBoard board(partition, {});
    for (bool at_end = false; !at_end;) {
      const milliseconds left{(deadline_ns_ - steady_nanos()) / 1'000'000};
      if (left <= milliseconds{0}) {
        return Error::retryable(fmt::format("not at the end of {} after {} s, with {} records read: give it more --timeout",
                                            kOrdersTopic, cluster_.timeout.count(), records_));
      }
      const auto batch = orders_->poll(kBatchMessages, left, milliseconds{0});
      if (!batch) return batch.error();
      for (const kafka::Message& message : batch->messages) {
        if (auto folded = fold(message, board); !folded) return folded;
      }
      at_end = std::ranges::any_of(batch->ends, [end](const kafka::PartitionEnd& reached) { return reached.offset >= end; });
    }
    for (SaleRow& row : board.changed()) sales_.push_back(std::move(row));
    return {};
  }

  Result<void> fold(const kafka::Message& message, SaleBoard& board) {
    if (!record_.ParseFromArray(message.payload.data(), static_cast<int>(message.payload.size()))) {
      return Error::fatal(
          fmt::format("{}, partition {}: the message at {} is no record", kOrdersTopic, message.partition, message.offset));
    }
    ++records_;
    const Position version = Position::at(kAnyGeneration, static_cast<Offset>(record_.last_offset()));
    if (record_.has_change()) board.apply(version, record_.log_time_ms(), record_.change());
    return {};
  }

  const Cluster& cluster_;
  const std::int64_t deadline_ns_;
  std::unique_ptr<kafka::TopicReader> orders_;
  v1::OrderRecord record_;  // reused: parsing then allocates little
  std::int64_t records_ = 0;
  std::vector<SaleRow> sales_;
};

}  // namespace

Result<std::vector<SaleRow>> read_all_sales(const Cluster& cluster, const std::string& sku) {
  const kafka::ClientSettings client{.brokers = cluster.brokers, .name = "sluicectl"};
  const auto admin = kafka::TopicAdmin::open(client, cluster.timeout);
  if (!admin) return admin.error();
  const std::string topic(kOrdersTopic);
  const auto partitions = (*admin)->partition_count(topic);
  if (!partitions) return partitions.error();
  if (!partitions->has_value()) return Error::retryable("topic " + topic + " is missing: `sluicectl topics create` makes it");
  auto orders = kafka::TopicReader::open(client, {.topic = topic});
  if (!orders) return orders.error();
  SaleReader reader(cluster, std::move(*orders));
  if (!sku.empty()) {
    if (auto done = reader.read(partition_of(sku, **partitions)); !done) return done.error();
  } else {
    for (std::int32_t i = 0; i < **partitions; ++i) {
      if (auto done = reader.read({i}); !done) return done.error();
    }
  }
  std::vector<SaleRow> sales = std::move(reader).sales();
  if (!sku.empty()) std::erase_if(sales, [&](const SaleRow& row) { return row.sale.sku() != sku; });
  return sales;
}

}  // namespace sluice
