// Pure: rulings become records of `orders`: a record for each change, one for a run of neighbouring intents that changed
// nothing, and the digest chain over both.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <string>
#include <vector>

#include "ledger/encoded_records.h"
#include "ledger/reservation.h"
#include "ledger/verdict.h"
#include "schemas/order_record.pb.h"
#include "schemas/run_sku.h"

namespace sluice {

class RecordWriter {
 public:
  // A longer run is cut, so that a record stays far below what a broker takes (1 MiB).
  static constexpr int kVerdictsPerRecordMax = 4096;

  // `digest`: of everything before the first ruling that is added.
  explicit RecordWriter(std::uint64_t digest) : digest_(digest) {}

  // REQUIRES, of all: offsets are added in order, without gaps.
  void add_change(Offset offset, UnixMillis log_time, const v1::Change& change);

  // The same record as for a Change that says so, without one. `slots`: as they stand in the change; `stock`: afterwards.
  // Returns the serialised order in it, which lives until more is added.
  std::string_view add_reserved(Offset offset, UnixMillis log_time, const Reservation& reservation, std::string_view slots,
                                const SaleStock& stock);

  // `sku`: that a purchase was for, if it has a sale; otherwise empty. Never one that anybody may make up, since a run names
  // each.
  void add_verdict(Offset offset, UnixMillis log_time, const Verdict& verdict, std::string_view sku = {});

  std::uint64_t digest() const { return digest_; }

  // Of the records that are complete.
  std::size_t bytes() const { return records_.bytes(); }

  // Ends the run at hand. The writer is used up.
  EncodedRecords finish() &&;

 private:
  struct Run {
    Offset first = 0;
    UnixMillis first_log_time = 0;
    UnixMillis last_log_time = 0;
    std::string verdicts;  // as they stand in Unchanged
    std::vector<std::uint32_t> deltas;
    bool has_delta = false;
    std::vector<std::string> skus;
    absl::flat_hash_map<std::string, std::uint32_t> number_of_sku;  // from 1
    std::vector<std::uint32_t> sku_of;                              // a number for each verdict; 0: none
    bool has_other_sku = false;                                     // than the first verdict's
  };

  std::uint32_t number_of(std::string_view sku);
  void append_what_varies();
  void end_run();

  // A record is written body first, behind the room for the fields before it, whose size depends on the body's.
  wire::Cursor begin_body(std::size_t bytes_max);
  void end_record(Offset first, Offset last, UnixMillis log_time, int body_field, std::string_view body, std::string_view sku);

  std::uint64_t digest_;
  Run run_;
  EncodedRecords records_;
};

// The digest after `record`, whose predecessor's is `previous`, computed anew from what it says.
std::uint64_t digest_after(std::uint64_t previous, const v1::OrderRecord& record);

// Whether the record has a verdict on each of the intents that it says it covers.
inline bool is_whole(const v1::OrderRecord& record) {
  if (record.last_offset() > static_cast<std::uint64_t>(kOffsetMax)) return false;
  if (record.has_voided()) return record.first_offset() <= record.last_offset();
  const auto verdicts = static_cast<std::uint64_t>(record.has_change() ? 1 : record.unchanged().verdicts_size());
  return verdicts > 0 && record.last_offset() - record.first_offset() == verdicts - 1;
}

// Calls `visit(offset, log_time, verdict)` for every intent that the record covers; for a change with its verdict.
template <typename Visit>
void for_each_verdict(const v1::OrderRecord& record, Visit visit) {
  auto offset = static_cast<Offset>(record.first_offset());
  UnixMillis log_time = record.log_time_ms();
  if (record.has_change()) return visit(offset, log_time, record.change().verdict());
  if (record.has_voided()) {
    v1::Verdict voided;
    voided.set_outcome(v1::VOIDED);
    for (; offset <= static_cast<Offset>(record.last_offset()); ++offset) visit(offset, log_time, voided);
    return;
  }
  for (int i = 0; i < record.unchanged().verdicts_size(); ++i) {
    if (record.unchanged().log_time_deltas_ms_size() > i) log_time += record.unchanged().log_time_deltas_ms(i);
    visit(offset++, log_time, record.unchanged().verdicts(i));
  }
}

}  // namespace sluice
