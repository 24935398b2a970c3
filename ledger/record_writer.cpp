#include "ledger/record_writer.h"

#include <limits>

#include "ledger/rules_version.h"
#include "ledger/wire_parts.h"
#include "runtime/check.h"
#include "schemas/digest.h"

namespace sluice {

void RecordWriter::add_change(Offset offset, UnixMillis log_time, const v1::Change& change) {
  end_run();
  scratch_.clear();
  change.AppendToString(&scratch_);
  digest_ = next_digest(digest_, offset, log_time, scratch_);
  write_record(offset, offset, log_time, v1::OrderRecord::kChangeFieldNumber, scratch_, change.sku());
}

void RecordWriter::add_verdict(Offset offset, UnixMillis log_time, const v1::Verdict& verdict, const std::string& sku) {
  if (run_.deltas.size() == static_cast<std::size_t>(kVerdictsPerRecordMax)) end_run();
  // A delta is 32 bits, 49 days. Cut short it would be another log time than the digest's, and the record could never be
  // redone.
  constexpr UnixMillis kDeltaMax = std::numeric_limits<std::uint32_t>::max();
  if (!run_.deltas.empty() && log_time - run_.last_log_time > kDeltaMax) end_run();
  if (run_.deltas.empty()) {
    run_.first = offset;
    run_.first_log_time = run_.last_log_time = log_time;
  }
  scratch_.clear();
  verdict.AppendToString(&scratch_);
  wire::append_bytes_field(run_.verdicts, v1::Unchanged::kVerdictsFieldNumber, scratch_);
  scratch_ += sku;
  digest_ = next_digest(digest_, offset, log_time, scratch_);

  run_.deltas.push_back(static_cast<std::uint32_t>(log_time - run_.last_log_time));
  run_.has_delta = run_.has_delta || log_time != run_.last_log_time;
  run_.last_log_time = log_time;
  run_.sku_of.push_back(number_of(sku));
  run_.has_other_sku = run_.has_other_sku || run_.sku_of.back() != run_.sku_of.front();
}

// In a rush nearly all are about the same SKU as the one before.
std::uint32_t RecordWriter::number_of(const std::string& sku) {
  if (sku.empty()) return 0;
  if (!run_.sku_of.empty() && run_.sku_of.back() != 0 && run_.skus[run_.sku_of.back() - 1] == sku) return run_.sku_of.back();
  const auto next = static_cast<std::uint32_t>(run_.skus.size()) + 1;
  const auto [known, is_new] = run_.number_of_sku.try_emplace(sku, next);
  if (is_new) run_.skus.push_back(sku);
  return known->second;
}

std::vector<EncodedRecord> RecordWriter::finish() && {
  end_run();
  return std::move(records_);
}

void RecordWriter::end_run() {
  if (run_.deltas.empty()) return;
  append_what_varies();
  const Offset last = run_.first + static_cast<Offset>(run_.deltas.size()) - 1;
  write_record(run_.first, last, run_.first_log_time, v1::OrderRecord::kUnchangedFieldNumber, run_.verdicts, {});
  run_.verdicts.clear();
  run_.deltas.clear();
  run_.has_delta = false;
  run_.skus.clear();
  run_.number_of_sku.clear();
  run_.sku_of.clear();
  run_.has_other_sku = false;
}

// The fields of Unchanged after the verdicts.
void RecordWriter::append_what_varies() {
  v1::Unchanged rest;
  if (run_.has_delta) rest.mutable_log_time_deltas_ms()->Assign(run_.deltas.begin(), run_.deltas.end());
  rest.mutable_skus()->Assign(run_.skus.begin(), run_.skus.end());
  if (run_.has_other_sku) rest.mutable_sku_of()->Assign(run_.sku_of.begin(), run_.sku_of.end());
  rest.AppendToString(&run_.verdicts);
}

void RecordWriter::write_record(Offset first, Offset last, UnixMillis log_time, int body_field, std::string_view body,
                                std::string_view sku) {
  EncodedRecord& record = records_.emplace_back();
  record.sku = sku;
  record.bytes.reserve(body.size() + 48);  // the fields around the body
  wire::append_varint_field(record.bytes, v1::OrderRecord::kFirstOffsetFieldNumber, static_cast<std::uint64_t>(first));
  wire::append_varint_field(record.bytes, v1::OrderRecord::kLastOffsetFieldNumber, static_cast<std::uint64_t>(last));
  wire::append_varint_field(record.bytes, v1::OrderRecord::kLogTimeMsFieldNumber, static_cast<std::uint64_t>(log_time));
  wire::append_varint_field(record.bytes, v1::OrderRecord::kRulesVersionFieldNumber, kRulesVersion);
  wire::append_bytes_field(record.bytes, body_field, body);
  wire::append_fixed64_field(record.bytes, v1::OrderRecord::kDigestFieldNumber, digest_);
  bytes_ += record.bytes.size();
}

std::uint64_t digest_after(std::uint64_t previous, const v1::OrderRecord& record) {
  if (record.has_change()) {
    return next_digest(previous, static_cast<Offset>(record.first_offset()), record.log_time_ms(),
                       record.change().SerializeAsString());
  }
  std::string scratch;
  int index = 0;
  for_each_verdict(record, [&](Offset offset, UnixMillis log_time, const v1::Verdict& verdict) {
    scratch.clear();
    verdict.AppendToString(&scratch);
    scratch += sku_of_verdict(record.unchanged(), index++);
    previous = next_digest(previous, offset, log_time, scratch);
  });
  return previous;
}

}  // namespace sluice
