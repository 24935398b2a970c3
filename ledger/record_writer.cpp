#include "ledger/record_writer.h"

#include <array>
#include <limits>

#include "ledger/rules_version.h"
#include "ledger/wire_parts.h"
#include "runtime/check.h"
#include "schemas/digest.h"
#include "schemas/intent_format.h"

namespace sluice {
namespace {

// The fields around a body: four numbers and a length before it, the digest after it.
constexpr std::size_t kHeadBytesMax = 5 * (1 + wire::kVarintBytesMax);
constexpr std::size_t kTailBytesMax = 1 + sizeof(std::uint64_t);

std::string_view written(const char* begin, const wire::Cursor& end) {
  return {begin, static_cast<std::size_t>(end.at() - begin)};
}

}  // namespace

void RecordWriter::add_change(Offset offset, UnixMillis log_time, const v1::Change& change) {
  end_run();
  const std::size_t size = change.ByteSizeLong();
  wire::Cursor out = begin_body(size);
  auto* const begin = reinterpret_cast<std::uint8_t*>(out.at());
  const std::uint8_t* const end = change.SerializeWithCachedSizesToArray(begin);
  CHECK(end == begin + size);
  const std::string_view body(out.at(), size);
  digest_ = next_digest(digest_, offset, log_time, body);
  end_record(offset, offset, log_time, v1::OrderRecord::kChangeFieldNumber, body, change.sku());
}

std::string_view RecordWriter::add_reserved(Offset offset, UnixMillis log_time, const Reservation& reservation,
                                            std::string_view slots, const SaleStock& stock) {
  end_run();
  wire::Cursor out = begin_body(kReservedBytesMax + slots.size());
  const char* const begin = out.at();
  const std::string_view order = write_reserved(reservation, slots, stock, out);
  const std::string_view body = written(begin, out);
  digest_ = next_digest(digest_, offset, log_time, body);
  end_record(offset, offset, log_time, v1::OrderRecord::kChangeFieldNumber, body, stock.sale.sku());
  return order;
}

void RecordWriter::add_verdict(Offset offset, UnixMillis log_time, const Verdict& verdict, std::string_view sku) {
  if (run_.deltas.size() == static_cast<std::size_t>(kVerdictsPerRecordMax)) end_run();
  // A delta is 32 bits, 49 days. Cut short it would be another log time than the digest's, and the record could never be
  // redone.
  constexpr UnixMillis kDeltaMax = std::numeric_limits<std::uint32_t>::max();
  if (!run_.deltas.empty() && log_time - run_.last_log_time > kDeltaMax) end_run();
  if (run_.deltas.empty()) {
    run_.first = offset;
    run_.first_log_time = run_.last_log_time = log_time;
  }
  std::array<char, kVerdictBytesMax + kSkuBytesMax> ruling;
  wire::Cursor out(ruling.data());
  write_verdict(verdict, out);
  wire::append_bytes_field(run_.verdicts, v1::Unchanged::kVerdictsFieldNumber, written(ruling.data(), out));
  CHECK(sku.size() <= kSkuBytesMax);
  out.raw(sku);
  digest_ = next_digest(digest_, offset, log_time, written(ruling.data(), out));

  run_.deltas.push_back(static_cast<std::uint32_t>(log_time - run_.last_log_time));
  run_.has_delta = run_.has_delta || log_time != run_.last_log_time;
  run_.last_log_time = log_time;
  run_.sku_of.push_back(number_of(sku));
  run_.has_other_sku = run_.has_other_sku || run_.sku_of.back() != run_.sku_of.front();
}

// In a rush nearly all are about the same SKU as the one before.
std::uint32_t RecordWriter::number_of(std::string_view sku) {
  if (sku.empty()) return 0;
  if (!run_.sku_of.empty() && run_.sku_of.back() != 0 && run_.skus[run_.sku_of.back() - 1] == sku) return run_.sku_of.back();
  const auto next = static_cast<std::uint32_t>(run_.skus.size()) + 1;
  const auto [known, is_new] = run_.number_of_sku.try_emplace(std::string(sku), next);
  if (is_new) run_.skus.emplace_back(sku);
  return known->second;
}

EncodedRecords RecordWriter::finish() && {
  end_run();
  return std::move(records_);
}

void RecordWriter::end_run() {
  if (run_.deltas.empty()) return;
  append_what_varies();
  const Offset last = run_.first + static_cast<Offset>(run_.deltas.size()) - 1;
  wire::Cursor out = begin_body(run_.verdicts.size());
  const char* const begin = out.at();
  out.raw(run_.verdicts);
  end_record(run_.first, last, run_.first_log_time, v1::OrderRecord::kUnchangedFieldNumber, written(begin, out), {});
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

wire::Cursor RecordWriter::begin_body(std::size_t bytes_max) {
  return wire::Cursor(records_.room_for(kHeadBytesMax + bytes_max + kTailBytesMax) + kHeadBytesMax);
}

void RecordWriter::end_record(Offset first, Offset last, UnixMillis log_time, int body_field, std::string_view body,
                              std::string_view sku) {
  std::array<char, kHeadBytesMax> bytes;
  wire::Cursor out(bytes.data());
  out.varint(v1::OrderRecord::kFirstOffsetFieldNumber, static_cast<std::uint64_t>(first));
  out.varint(v1::OrderRecord::kLastOffsetFieldNumber, static_cast<std::uint64_t>(last));
  out.varint(v1::OrderRecord::kLogTimeMsFieldNumber, static_cast<std::uint64_t>(log_time));
  out.varint(v1::OrderRecord::kRulesVersionFieldNumber, kRulesVersion);
  out.number(wire::Format::MakeTag(body_field, wire::Format::WIRETYPE_LENGTH_DELIMITED));
  out.number(body.size());
  const std::string_view head = written(bytes.data(), out);

  char* const begin = records_.room_for(0) + kHeadBytesMax - head.size();
  CHECK(begin + head.size() == body.data());
  wire::Cursor(begin).raw(head);
  wire::Cursor tail(begin + head.size() + body.size());
  tail.fixed64(v1::OrderRecord::kDigestFieldNumber, digest_);
  records_.add(begin, tail.at(), sku);
}

std::uint64_t digest_after(std::uint64_t previous, const v1::OrderRecord& record) {
  if (record.has_change()) {
    return next_digest(previous, static_cast<Offset>(record.first_offset()), record.log_time_ms(),
                       record.change().SerializeAsString());
  }
  if (record.has_voided()) {
    std::string ruling = record.voided().SerializeAsString();
    for (int shift = 0; shift < 64; shift += 8) ruling.push_back(static_cast<char>(record.first_offset() >> shift));
    return next_digest(previous, static_cast<Offset>(record.last_offset()), record.log_time_ms(), ruling);
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
