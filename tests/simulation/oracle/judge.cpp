#include "tests/simulation/oracle/judge.h"

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include <set>

namespace sluice::oracle {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr std::uint32_t kRulesVersion = 1;

std::string kind_of(const std::string& bytes) {
  v1::Intent intent;
  if (!intent.ParseFromString(bytes)) return "Bytes";
  const auto* kind = intent.GetReflection()->GetOneofFieldDescriptor(intent, intent.GetDescriptor()->oneof_decl(0));
  return kind != nullptr ? std::string(kind->message_type()->name()) : "Bytes";
}

std::string event_of(const v1::Change& change) {
  const auto* event = change.GetReflection()->GetOneofFieldDescriptor(change, change.GetDescriptor()->oneof_decl(0));
  return event != nullptr ? std::string(event->name()) : "nothing";
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

std::string Judge::contradiction(const std::vector<Asked>& asked, const std::vector<std::string>& records) {
  for (const std::string& bytes : records) {
    v1::OrderRecord record;
    if (!record.ParseFromString(bytes)) return fmt::format("after intent {} there are bytes that are no record", model_.next());
    if (std::string problem = contradiction_in(record, asked); !problem.empty()) return problem;
  }
  if (static_cast<std::size_t>(model_.next()) == asked.size()) return {};
  return fmt::format("I3: of {} intents only {} have a ruling", asked.size(), model_.next());
}

std::string Judge::contradiction_in(const v1::OrderRecord& record, const std::vector<Asked>& asked) {
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
  const Ruling expected = model_.rule(asked.append_time, asked.bytes);
  v1::Change ruled;
  if (record.has_change()) {
    ruled = record.change();
  } else {
    *ruled.mutable_verdict() = record.unchanged().verdicts(index);
  }
  count(asked.bytes, ruled);

  const auto differs = [&](std::string_view how) {
    v1::Intent intent;
    const bool readable = intent.ParseFromString(asked.bytes);
    return fmt::format("intent {} ({}) {}: ruled at {} [{}], expected at {} [{}]", model_.next() - 1,
                       readable ? intent.ShortDebugString() : "bytes", how, log_time, ruled.ShortDebugString(),
                       expected.log_time, expected.change.ShortDebugString());
  };
  if (log_time != expected.log_time) return differs("has another log time");
  if (record.has_change() != expected.changed) return differs("differs in whether it changed anything");
  if (!keys_are_right(expected, *ruled.mutable_verdict())) return differs("has a wrong request key in its verdict");
  if (!record.has_change() && sku_named_for(record.unchanged(), index) != expected.sku) return differs("names another SKU");
  for (v1::Order& order : *ruled.mutable_orders()) {
    const auto ours = model_.orders().find(order.id());
    if (ours == model_.orders().end() || !is_same(order, ours->second.row)) return differs("has a wrong order");
    order.clear_key_high();
    order.clear_key_low();
    order.clear_content();
  }
  if (!MessageDifferencer::Equals(ruled, expected.change)) return differs("differs");
  return {};
}

bool Judge::is_same(const v1::Order& order, const v1::Order& expected) {
  const auto ours = model_.orders().find(order.id());
  if (ours == model_.orders().end() || !keys_.agree(ours->second.key, order.key_high(), order.key_low())) return false;
  if (order.content() != order.quantity()) return false;
  v1::Order bare = order;
  bare.clear_key_high();
  bare.clear_key_low();
  bare.clear_content();
  return MessageDifferencer::Equals(bare, expected);
}

// Takes the key out of the verdict, since the model has none.
bool Judge::keys_are_right(const Ruling& expected, v1::Verdict& verdict) {
  const std::uint64_t high = verdict.key_high(), low = verdict.key_low(), content = verdict.content();
  const bool admin = verdict.admin();
  verdict.clear_key_high();
  verdict.clear_key_low();
  verdict.clear_content();
  verdict.clear_admin();
  if (!expected.key) return high == 0 && low == 0 && content == 0 && !admin;
  if (admin != expected.key->admin || !keys_.agree(expected.key->name, high, low)) return false;
  if (!admin) return std::to_string(content) == expected.key->content;
  return contents_.agree(expected.key->content, 0, content);
}

void Judge::count(const std::string& bytes, const v1::Change& change) {
  const v1::Verdict& verdict = change.verdict();
  std::string ruling = kind_of(bytes);
  if (verdict.outcome() == v1::ACCEPTED) {
    ruling += " -> " + event_of(change);
    if (change.has_refund_due()) ruling += " " + v1::Reason_Name(change.refund_due().reason());
    if (change.paid().bought_again()) ruling += " (bought again)";
    if (!change.has_sale_defined() && !change.slots_opened().empty()) ruling += " (and a slot opened)";
  } else {
    ruling += " -> " + v1::Outcome_Name(verdict.outcome());
    if (verdict.reason() != v1::REASON_UNSPECIFIED) ruling += " " + v1::Reason_Name(verdict.reason());
    if (change.has_only_slots_opened()) ruling += " (but a slot opened)";
  }
  ++counts_[ruling];
}

}  // namespace sluice::oracle
