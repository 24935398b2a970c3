#include "tests/simulation/oracle/judge.h"

#include <fmt/format.h>

#include <set>

namespace sluice::oracle {
namespace {

constexpr std::uint32_t kRulesVersion = 1;

bool same_bytes(const google::protobuf::Message& a, const google::protobuf::Message& b, std::string& room_a,
                std::string& room_b) {
  a.SerializeToString(&room_a);
  b.SerializeToString(&room_b);
  return room_a == room_b;
}

// "" for none.
std::string sku_named_for(const v1::Unchanged& run, int verdict) {
  if (run.skus_size() == 0) return "";
  if (run.sku_of_size() == 0) return run.skus(0);
  const std::uint32_t which = run.sku_of(verdict);
  return which == 0 ? "" : run.skus(static_cast<int>(which) - 1);
}

// Every SKU is named once and for something, and numbers are written only where they are needed.
bool names_skus_sparingly(const v1::Unchanged& run) {
  const std::set<std::string> skus(run.skus().begin(), run.skus().end());
  if (static_cast<int>(skus.size()) != run.skus_size()) return false;
  if (run.sku_of_size() == 0) return run.skus_size() <= 1;
  const std::set<std::uint32_t> numbers(run.sku_of().begin(), run.sku_of().end());
  const std::size_t without_none = numbers.size() - numbers.count(0);
  return run.sku_of_size() == run.verdicts_size() && numbers.size() > 1 && without_none == skus.size() &&
         *numbers.rbegin() == skus.size();
}

}  // namespace

bool Fingerprints::agree(const std::string& text, std::uint64_t high, std::uint64_t low) {
  const std::pair<std::uint64_t, std::uint64_t> fingerprint(high, low);
  const auto of_text = of_text_.try_emplace(text, fingerprint).first;
  const auto text_of = text_of_.try_emplace(fingerprint, text).first;
  return of_text->second == fingerprint && text_of->second == text;
}

std::string Judge::contradiction(const v1::OrderRecord& record, const std::vector<Asked>& asked) {
  const auto first = static_cast<Offset>(record.first_offset());
  const auto last = static_cast<Offset>(record.last_offset());
  if (first != model_.next()) return fmt::format("I5: a record begins at intent {}, expected {}", first, model_.next());
  if (last < first || last >= static_cast<Offset>(asked.size())) return fmt::format("I5: a record covers {}..{}", first, last);
  if (record.rules_version() != kRulesVersion) return fmt::format("intent {}: wrong rules version", first);

  const v1::Unchanged& run = record.unchanged();
  const Offset covered = record.has_change() ? 1 : run.verdicts_size();
  if (covered != last - first + 1) return fmt::format("I3: the record {}..{} has {} rulings", first, last, covered);
  const int deltas = run.log_time_deltas_ms_size();
  if (deltas != 0 && (deltas != run.verdicts_size() || run.log_time_deltas_ms(0) != 0)) {
    return fmt::format("the record {}..{} has wrong log times", first, last);
  }
  if (!names_skus_sparingly(run)) return fmt::format("the record {}..{} names its SKUs wrongly", first, last);
  UnixMillis log_time = record.log_time_ms();
  for (int i = 0; i < covered; ++i) {
    if (deltas > 0) log_time += run.log_time_deltas_ms(i);
    const Asked& intent = asked[static_cast<std::size_t>(model_.next())];
    if (std::string problem = compare(record, i, log_time, intent); !problem.empty()) return problem;
  }
  return {};
}

std::string Judge::compare(const v1::OrderRecord& record, int index, UnixMillis log_time, const Asked& asked) {
  Ruling expected = model_.rule(asked.append_time, asked.bytes);
  v1::Change verdict_alone;
  if (!record.has_change()) *verdict_alone.mutable_verdict() = record.unchanged().verdicts(index);
  const v1::Change& ruled = record.has_change() ? record.change() : verdict_alone;
  count(expected.intent, ruled);
  const auto differs = [&](const char* how) {
    v1::Intent intent;
    const bool readable = intent.ParseFromString(asked.bytes);
    return fmt::format("intent {} ({}) {}: ruled at {} [{}], expected at {} [{}]", model_.next() - 1,
                       readable ? intent.ShortDebugString() : "bytes", how, log_time, ruled.ShortDebugString(),
                       expected.log_time, expected.change.ShortDebugString());
  };
  if (log_time != expected.log_time) return differs("has another log time");
  if (record.has_change() != expected.changed) return differs("differs in whether it changed anything");
  if (!sign(ruled.verdict(), expected)) return differs("has a wrong request key in its verdict");
  if (!record.has_change() && sku_named_for(record.unchanged(), index) != expected.sku) return differs("names another SKU");
  if (!sign_orders(ruled, expected.change)) return differs("has a wrong order");
  if (!same_bytes(ruled, expected.change, ruled_bytes_, expected_bytes_)) return differs("differs");
  return {};
}

// Writes the verdict's fingerprints beside the key that they must stand for, since the model has none. False: they don't.
bool Judge::sign(const v1::Verdict& verdict, Ruling& expected) {
  if (!expected.key) return true;  // and so any would be found to differ
  v1::Verdict& ours = *expected.change.mutable_verdict();
  ours.set_key_high(verdict.key_high());
  ours.set_key_low(verdict.key_low());
  ours.set_content(verdict.content());
  ours.set_admin(expected.key->admin);
  if (!keys_.agree(expected.key->name, verdict.key_high(), verdict.key_low())) return false;
  if (!expected.key->admin) return std::to_string(verdict.content()) == expected.key->content;
  return contents_.agree(expected.key->content, 0, verdict.content());
}

bool Judge::sign_orders(const v1::Change& ruled, v1::Change& expected) {
  if (ruled.orders_size() != expected.orders_size()) return false;
  for (int i = 0; i < ruled.orders_size(); ++i) {
    const v1::Order& order = ruled.orders(i);
    v1::Order& ours = *expected.mutable_orders(i);
    const auto known = model_.orders().find(ours.id());
    if (known == model_.orders().end() || !keys_.agree(known->second.key, order.key_high(), order.key_low())) return false;
    ours.set_key_high(order.key_high());
    ours.set_key_low(order.key_low());
    ours.set_content(ours.quantity());
  }
  return true;
}

bool Judge::is_same(const v1::Order& order, const v1::Order& expected) {
  const auto ours = model_.orders().find(order.id());
  if (ours == model_.orders().end() || !keys_.agree(ours->second.key, order.key_high(), order.key_low())) return false;
  v1::Order signed_one = expected;
  signed_one.set_key_high(order.key_high());
  signed_one.set_key_low(order.key_low());
  signed_one.set_content(expected.quantity());
  return same_bytes(order, signed_one, ruled_bytes_, expected_bytes_);
}

void Judge::count(v1::Intent::KindCase intent, const v1::Change& change) {
  const bool accepted = change.verdict().outcome() == v1::ACCEPTED;
  ++counts_[{.intent = intent,
             .event = accepted || change.has_only_slots_opened() ? change.event_case() : v1::Change::EVENT_NOT_SET,
             .outcome = change.verdict().outcome(),
             .reason = accepted ? change.refund_due().reason() : change.verdict().reason(),
             .again = change.paid().bought_again(),
             .slot_opened = accepted && !change.has_sale_defined() && !change.slots_opened().empty()}];
}

RulingCounts Judge::counts() const {
  RulingCounts counts;
  for (const auto& [kind, count] : counts_) counts[name_of(kind)] += count;
  return counts;
}

std::string Judge::name_of(const Kind& kind) {
  const auto* asked = v1::Intent::descriptor()->FindFieldByNumber(kind.intent);
  std::string name = asked != nullptr ? asked->message_type()->name() : "Bytes";
  if (kind.outcome == v1::ACCEPTED) {
    const auto* event = v1::Change::descriptor()->FindFieldByNumber(kind.event);
    name += " -> " + (event != nullptr ? event->name() : "nothing");
    if (kind.reason != v1::REASON_UNSPECIFIED) name += " " + v1::Reason_Name(kind.reason);
    if (kind.again) name += " (bought again)";
    if (kind.slot_opened) name += " (and a slot opened)";
  } else {
    name += " -> " + v1::Outcome_Name(kind.outcome);
    if (kind.reason != v1::REASON_UNSPECIFIED) name += " " + v1::Reason_Name(kind.reason);
    if (kind.event == v1::Change::kOnlySlotsOpened) name += " (but a slot opened)";
  }
  return name;
}

}  // namespace sluice::oracle
