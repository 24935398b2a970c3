// Shell: looks at one partition of `intents` and `orders`, and at who has it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "ctl/cluster.h"
#include "ctl/partition_report.h"
#include "kafka/topic_reader.h"
#include "runtime/result.h"

namespace sluice {

struct RecordsRead {
  std::vector<RecordAt> records;        // the oldest first
  std::optional<std::int64_t> foreign;  // log offset of the first message among them that is no record
};

// Where `orders` ends, asked in the order in which a ledger asks: the end first, then what is committed up to it.
struct OrdersEnd {
  TopicSpan span;              // read uncommitted
  std::int64_t committed = 0;  // where a committed reader ends; less than span.high: a transaction is open
  RecordsRead last;
};

class PartitionReader {
 public:
  // Fatal: there is no such partition, or no such topic.
  static Result<PartitionReader> open(const Cluster& cluster, Partition partition);

  // Until every transaction that is in `orders` now has ended there: EndTxn is answered before its marker is written.
  // Retryable: one has not ended within the cluster's time-out, and nobody knows what it holds.
  Result<void> wait_for_open_transactions();

  // The last `count` committed records, if there are so many.
  Result<OrdersEnd> orders_end(std::size_t count);

  Result<TopicSpan> intents_span();

  // The first intent that is there from `from` on, read by a reader that starts anew; or the end of `intents`. What a
  // transaction's marker or a lost batch left is passed over.
  Result<Offset> first_intent_from(Offset from);

  // What the record in `orders` that ends before `local.next` says about it.
  Result<LocalFit> fit_of(const LocalPosition& local);

  // Of `application`'s group: its state, and who has the partition. Nothing of both: it could not be asked.
  void ask_owner(const std::string& application, PartitionReport& report);

 private:
  PartitionReader(const Cluster& cluster, Partition partition);
  Result<std::unique_ptr<kafka::TopicReader>> reader(std::string_view topic, kafka::Isolation isolation) const;
  Result<TopicSpan> span_of(std::string_view topic) const;  // read uncommitted
  Result<RecordsRead> records_between(kafka::TopicReader& orders, std::int64_t from, std::int64_t end);

  Cluster cluster_;
  Partition partition_;
};

}  // namespace sluice
