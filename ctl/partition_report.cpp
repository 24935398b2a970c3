#include "ctl/partition_report.h"

#include <fmt/format.h>

#include <map>

#include "ctl/verdict_text.h"
#include "ingest/json_text.h"

namespace sluice {
namespace {

std::string_view fit_word(LocalFit fit) {
  switch (fit) {
    case LocalFit::kFits:
      return "fits";
    case LocalFit::kOtherDigest:
      return "other_digest";
    case LocalFit::kNoRecord:
      return "no_record";
    case LocalFit::kNotAsked:
      break;
  }
  return "not_asked";
}

std::string_view event_word(const v1::Change& change) {
  const auto* field = v1::Change::descriptor()->FindFieldByNumber(change.event_case());
  return field == nullptr ? std::string_view("nothing known") : std::string_view(field->name());
}

void find_gap(const PartitionReport& report, std::vector<std::string>& findings) {
  const auto next = report.next();
  if (!next) return;
  if (*next > report.intents.high) {
    findings.push_back(
        fmt::format("intents ends at {}, but intents up to {} were decided: intents was cut or replaced. Bring it back, or "
                    "create both topics anew with a higher topics.generation",
                    report.intents.high, *next - 1));
  } else if (report.first_intent > *next) {
    findings.push_back(fmt::format(
        "intents {0} to {1} are gone: bring them back if you can. If not, this records that nobody will rule on them:\n"
        "    sluicectl partition void {2} --from {0} --to {1} --reason TEXT",
        *next, report.first_intent - 1, report.partition.value));
  }
}

}  // namespace

std::optional<Offset> PartitionReport::next() const {
  if (foreign) return std::nullopt;
  if (!last.empty()) return static_cast<Offset>(last.back().record.last_offset()) + 1;
  return orders.low == 0 ? std::optional<Offset>(0) : std::nullopt;
}

UnixMillis last_log_time(const v1::OrderRecord& record) {
  UnixMillis log_time = record.log_time_ms();
  for (const std::uint32_t delta : record.unchanged().log_time_deltas_ms()) log_time += delta;
  return log_time;
}

std::string record_text(const v1::OrderRecord& record) {
  if (record.has_voided()) return "voided: " + record.voided().reason();
  if (record.has_change()) {
    const v1::Change& change = record.change();
    std::string text(event_word(change));
    if (!change.sku().empty()) text += " " + change.sku();
    if (change.orders_size() == 1) text += fmt::format(", order {}", change.orders(0).id());
    if (change.orders_size() > 1) text += fmt::format(", {} orders", change.orders_size());
    return text + ": " + verdict_text(change.verdict());
  }
  std::map<std::string, int> counts;
  for (const v1::Verdict& verdict : record.unchanged().verdicts()) ++counts[verdict_text(verdict)];
  std::string text;
  for (const auto& [verdict, count] : counts) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, verdict);
  return text;
}

std::vector<std::string> findings_of(const PartitionReport& report) {
  std::vector<std::string> findings;
  if (report.foreign) {
    findings.push_back(fmt::format(
        "the message at offset {} of orders is no record: it is another topic, or somebody else writes there. Bring the "
        "right one back, or create both topics anew with a higher topics.generation",
        *report.foreign));
  } else if (!report.next()) {
    findings.push_back(fmt::format(
        "orders begins at {} and holds no record: its history was deleted. Nothing but a copy of it can bring it back",
        report.orders.low));
  }
  find_gap(report, findings);
  if (report.orders.low > 0) {
    findings.push_back(fmt::format(
        "orders begins at {}: its beginning was deleted. A ledger with a whole local store goes on; without one it cannot be "
        "built again. Look at the topic's retention (sluicectl topics check) and keep the stores",
        report.orders.low));
  }
  if (report.fit == LocalFit::kOtherDigest) {
    findings.push_back(
        "the local store was made from another history than this one: one of the two is not this partition's. If it is the "
        "store, stop the ledger, rename its folder and start it; if it is orders, bring the right topic back");
  } else if (report.fit == LocalFit::kNoRecord) {
    findings.push_back(
        "the local store has decided what orders does not hold: orders was cut or replaced. Bring it back. Only if it is lost "
        "for good: rename the store's folder; what was decided since is decided again, and may end otherwise than buyers were "
        "told");
  }
  return findings;
}

std::string report_text(const PartitionReport& report) {
  std::string text = fmt::format("partition {}\n", report.partition.value);
  if (const auto next = report.next()) {
    text += fmt::format("  position  {}: the next intent to decide; digest {:016x}\n", *next, report.digest());
  }
  if (!report.last.empty()) text += fmt::format("  log time  {}\n", rfc3339(last_log_time(report.last.back().record)));
  text += fmt::format("  intents   offsets {} to {}\n", report.intents.low, report.intents.high);
  text += fmt::format("  orders    offsets {} to {}{}\n", report.orders.low, report.orders.high,
                      report.orders_committed < report.orders.high
                          ? fmt::format(", an open transaction holds back what lies from {} on", report.orders_committed)
                          : "");
  if (report.group_state.empty()) {
    text += "  owner     not known: the group could not be asked\n";
  } else {
    text +=
        fmt::format("  owner     {} (the group is {})\n", report.owner.empty() ? "nobody" : report.owner, report.group_state);
  }
  if (report.fit != LocalFit::kNotAsked) {
    text += fmt::format("  local     position {}, digest {:016x}: {}\n", report.local.next, report.local.digest,
                        report.fit == LocalFit::kFits ? "fits" : "does not fit");
  }
  if (!report.last.empty()) text += "  last records of orders\n";
  for (const RecordAt& at : report.last) {
    text += fmt::format("    {:>8}  {}  intents {}..{}  {}\n", at.log_offset, rfc3339(at.append_time), at.record.first_offset(),
                        at.record.last_offset(), record_text(at.record));
  }
  for (const std::string& finding : findings_of(report)) text += "  ! " + finding + "\n";
  return text;
}

std::string report_json(const PartitionReport& report) {
  const auto next = report.next();
  std::string text =
      fmt::format(R"({{"partition":{},"next":{},"digest":"{:016x}","intents":{{"low":{},"high":{},"first_from_next":{}}},)"
                  R"("orders":{{"low":{},"high":{},"committed":{}}},"group_state":)",
                  report.partition.value, next ? std::to_string(*next) : "null", report.digest(), report.intents.low,
                  report.intents.high, report.first_intent, report.orders.low, report.orders.high, report.orders_committed);
  append_json_string(text, report.group_state);
  text += R"(,"owner":)";
  append_json_string(text, report.owner);
  text += fmt::format(R"(,"local":"{}","last":[)", fit_word(report.fit));
  for (const RecordAt& at : report.last) {
    if (text.back() == '}') text += ",";
    text += fmt::format(R"({{"log_offset":{},"appended":"{}","first":{},"last":{},"digest":"{:016x}","what":)", at.log_offset,
                        rfc3339(at.append_time), at.record.first_offset(), at.record.last_offset(), at.record.digest());
    append_json_string(text, record_text(at.record));
    text += "}";
  }
  text += R"(],"findings":[)";
  for (const std::string& finding : findings_of(report)) {
    if (text.back() == '"') text += ",";
    append_json_string(text, finding);
  }
  return text + "]}\n";
}

}  // namespace sluice
