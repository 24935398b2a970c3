// Pure: what `sluicectl partition inspect` finds out about a partition, for people and for programs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice {

// Offsets [low, high) of a topic.
struct TopicSpan {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

struct RecordAt {
  std::int64_t log_offset = 0;  // in `orders`
  UnixMillis append_time = 0;
  v1::OrderRecord record;
};

// What a ledger's message said about its local store.
struct LocalPosition {
  Offset next = 0;
  std::uint64_t digest = 0;
};

// What `orders` says about it.
enum class LocalFit {
  kNotAsked,
  kFits,
  kOtherDigest,  // a record ends there, with another digest
  kNoRecord,     // none ends there
};

struct PartitionReport {
  Partition partition;
  TopicSpan intents;
  TopicSpan orders;                     // read uncommitted
  std::int64_t orders_committed = 0;    // where a committed reader ends
  std::vector<RecordAt> last;           // committed records, the oldest first
  std::optional<std::int64_t> foreign;  // log offset of a message of `orders` that is no record, among the last ones
  Offset first_intent = 0;              // the first that is there from the next one on, or the end of `intents`
  std::string group_state;              // empty: the group could not be asked
  std::string owner;                    // empty: nobody
  LocalPosition local;
  LocalFit fit = LocalFit::kNotAsked;

  // The first intent that `orders` has no ruling on; nothing: `orders` has no record (any more), though it had some, or
  // something else is among its last messages.
  std::optional<Offset> next() const;
  std::uint64_t digest() const { return last.empty() ? 0 : last.back().record.digest(); }
};

// Log time at the last intent that the record covers.
UnixMillis last_log_time(const v1::OrderRecord& record);

// "reserved mask-ffp2: accepted", "37 refused: sold_out, 1 duplicate", …
std::string record_text(const v1::OrderRecord& record);

// What is wrong and what to do about it; empty: nothing.
std::vector<std::string> findings_of(const PartitionReport& report);

std::string report_text(const PartitionReport& report);
std::string report_json(const PartitionReport& report);

}  // namespace sluice
