#include "ctl/partition_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "kafka/bisect.h"
#include "kafka/group_admin.h"
#include "kafka/topic_admin.h"
#include "runtime/clock.h"
#include "schemas/topics.h"

namespace sluice {
namespace {

constexpr std::size_t kBatchMessages = 1000;
constexpr std::chrono::milliseconds kGroupTimeout{5'000};
constexpr std::chrono::milliseconds kBetweenQuestions{20};

kafka::ClientSettings client_of(const Cluster& cluster) { return {.brokers = cluster.brokers, .name = "sluicectl"}; }

void take(const kafka::Message& message, RecordsRead& read) {
  RecordAt at{.log_offset = message.offset, .append_time = message.append_time_ms, .record = {}};
  if (at.record.ParseFromArray(message.payload.data(), static_cast<int>(message.payload.size()))) {
    read.records.push_back(std::move(at));
  } else if (!read.foreign) {
    read.foreign = message.offset;
  }
}

}  // namespace

PartitionReader::PartitionReader(const Cluster& cluster, Partition partition) : cluster_(cluster), partition_(partition) {}

Result<PartitionReader> PartitionReader::open(const Cluster& cluster, Partition partition) {
  const auto admin = kafka::TopicAdmin::open(client_of(cluster), cluster.timeout);
  if (!admin) return admin.error();
  for (const std::string_view topic : {kIntentsTopic, kOrdersTopic}) {
    const auto count = (*admin)->partition_count(std::string(topic));
    if (!count) return count.error();
    if (*count && partition.value < **count) continue;
    return Error::fatal(*count ? fmt::format("topic {} has {} partitions, numbered from 0", topic, **count)
                               : fmt::format("topic {} is missing", topic));
  }
  return PartitionReader(cluster, partition);
}

Result<std::unique_ptr<kafka::TopicReader>> PartitionReader::reader(std::string_view topic, kafka::Isolation isolation) const {
  return kafka::TopicReader::open(client_of(cluster_), kafka::probing({.topic = std::string(topic), .isolation = isolation}));
}

Result<void> PartitionReader::wait_for_open_transactions() {
  const auto span = span_of(kOrdersTopic);
  if (!span) return span.error();
  const auto orders = reader(kOrdersTopic, kafka::Isolation::kReadCommitted);
  if (!orders) return orders.error();
  const std::int64_t deadline_ns = steady_nanos() + std::chrono::nanoseconds(cluster_.timeout).count();
  while (true) {
    const auto committed = (*orders)->bounds(partition_.value, cluster_.timeout);
    if (!committed) return committed.error();
    if (committed->high >= span->high) return {};
    if (steady_nanos() > deadline_ns) {
      return Error::retryable(fmt::format(
          "{}, partition {}: a transaction that begins at {} has not ended. `kafka-transactions.sh describe-producers "
          "--topic {} --partition {}` shows whose it is",
          kOrdersTopic, partition_.value, committed->high, kOrdersTopic, partition_.value));
    }
    std::this_thread::sleep_for(kBetweenQuestions);
  }
}

Result<OrdersEnd> PartitionReader::orders_end(std::size_t count) {
  const auto span = span_of(kOrdersTopic);
  if (!span) return span.error();
  const auto orders = reader(kOrdersTopic, kafka::Isolation::kReadCommitted);
  if (!orders) return orders.error();
  const auto committed = (*orders)->bounds(partition_.value, cluster_.timeout);
  if (!committed) return committed.error();
  OrdersEnd end{.span = *span, .committed = committed->high, .last = {}};
  // Markers of transactions take offsets too, so going back far enough is a matter of trying.
  for (std::int64_t back = 4 * static_cast<std::int64_t>(count);; back *= 8) {
    const std::int64_t from = std::max(committed->low, committed->high - back);
    auto read = records_between(**orders, from, committed->high);
    if (!read) return read.error();
    std::vector<RecordAt>& records = read->records;
    if (records.size() < count && !read->foreign && from > committed->low) continue;
    if (records.size() > count) records.erase(records.begin(), records.end() - static_cast<std::ptrdiff_t>(count));
    end.last = std::move(*read);
    return end;
  }
}

Result<RecordsRead> PartitionReader::records_between(kafka::TopicReader& orders, std::int64_t from, std::int64_t end) {
  RecordsRead read;
  if (from >= end) return read;
  if (auto started = orders.start_at(partition_.value, from); !started) return started.error();
  for (bool at_end = false; !at_end;) {
    const auto batch = orders.poll(kBatchMessages, cluster_.timeout, std::chrono::milliseconds{0});
    if (!batch) return batch.error();
    if (batch->messages.empty() && batch->ends.empty()) {
      return Error::retryable(fmt::format("{}, partition {}: cannot read from {}", kOrdersTopic, partition_.value, from));
    }
    for (const kafka::Message& message : batch->messages) {
      at_end = at_end || message.offset >= end - 1;
      if (message.offset < end) take(message, read);
    }
    at_end =
        at_end || std::ranges::any_of(batch->ends, [end](const kafka::PartitionEnd& reached) { return reached.offset >= end; });
  }
  orders.stop(partition_.value);
  return read;
}

Result<TopicSpan> PartitionReader::intents_span() { return span_of(kIntentsTopic); }

Result<TopicSpan> PartitionReader::span_of(std::string_view topic) const {
  const auto all = reader(topic, kafka::Isolation::kReadUncommitted);
  if (!all) return all.error();
  const auto bounds = (*all)->bounds(partition_.value, cluster_.timeout);
  if (!bounds) return bounds.error();
  return TopicSpan{bounds->low, bounds->high};
}

Result<Offset> PartitionReader::first_intent_from(Offset from) {
  const auto intents = reader(kIntentsTopic, kafka::Isolation::kReadUncommitted);
  if (!intents) return intents.error();
  const auto bounds = (*intents)->bounds(partition_.value, cluster_.timeout);
  if (!bounds) return bounds.error();
  const Offset begin = std::max(from, bounds->low);
  if (begin >= bounds->high) return bounds->high;
  if (auto started = (*intents)->start_at(partition_.value, begin); !started) return started.error();
  const auto batch = (*intents)->poll(1, cluster_.timeout, std::chrono::milliseconds{0});
  if (!batch) return batch.error();
  if (!batch->messages.empty()) return batch->messages.front().offset;
  if (!batch->ends.empty()) return batch->ends.front().offset;
  return Error::retryable(fmt::format("{}, partition {}: cannot read from {}", kIntentsTopic, partition_.value, begin));
}

Result<LocalFit> PartitionReader::fit_of(const LocalPosition& local) {
  if (local.next == 0) return LocalFit::kFits;
  const auto orders = reader(kOrdersTopic, kafka::Isolation::kReadCommitted);
  if (!orders) return orders.error();
  const auto wanted = static_cast<std::uint64_t>(local.next - 1);
  v1::OrderRecord record;
  const auto place = kafka::first_offset_where(
      **orders, {.partition = partition_.value, .hint = {}, .timeout = cluster_.timeout}, [&](std::string_view payload) {
        return !record.ParseFromArray(payload.data(), static_cast<int>(payload.size())) || record.last_offset() >= wanted;
      });
  if (!place) return place.error();
  const auto bounds = (*orders)->bounds(partition_.value, cluster_.timeout);
  if (!bounds) return bounds.error();
  const auto read = records_between(**orders, *place, std::min(*place + 1, bounds->high));
  if (!read) return read.error();
  if (read->records.empty() || read->records.front().record.last_offset() != wanted) return LocalFit::kNoRecord;
  return read->records.front().record.digest() == local.digest ? LocalFit::kFits : LocalFit::kOtherDigest;
}

void PartitionReader::ask_owner(const std::string& application, PartitionReport& report) {
  const auto group = kafka::describe_group(client_of(cluster_), application, std::string(kIntentsTopic), kGroupTimeout);
  if (!group) return;
  report.group_state = group->state;
  for (const kafka::GroupMember& member : group->members) {
    if (std::ranges::find(member.partitions, partition_.value) == member.partitions.end()) continue;
    report.owner = fmt::format("{} at {}", member.instance, member.host);
  }
}

}  // namespace sluice
