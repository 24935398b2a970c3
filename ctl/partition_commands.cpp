#include "ctl/partition_commands.h"

#include <fmt/format.h>

#include <charconv>

#include "ctl/complaint.h"
#include "ctl/partition_reader.h"
#include "kafka/transactional_producer.h"
#include "ledger/record_writer.h"
#include "ledger/rules_version.h"
#include "schemas/topics.h"

namespace sluice {
namespace {

constexpr std::size_t kReasonBytesMax = 200;

std::optional<std::uint64_t> parse_digest(const std::string& text) {
  std::uint64_t digest = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), digest, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return digest;
}

Result<PartitionReport> inspect(PartitionReader& reader, const PartitionInspect& command, const LocalPosition& local) {
  PartitionReport report;
  report.partition = {command.partition};
  auto end = reader.orders_end(static_cast<std::size_t>(command.records));
  if (!end) return end.error();
  report.orders = end->span;
  report.orders_committed = end->committed;
  report.last = std::move(end->last.records);
  report.foreign = end->last.foreign;
  const auto intents = reader.intents_span();
  if (!intents) return intents.error();
  report.intents = *intents;
  const auto first = reader.first_intent_from(report.next().value_or(intents->low));
  if (!first) return first.error();
  report.first_intent = *first;
  report.local = local;
  if (command.next) {
    const auto fit = reader.fit_of(local);
    if (!fit) return fit.error();
    report.fit = *fit;
  }
  reader.ask_owner(command.application, report);
  return report;
}

// The record that voids what the command names, if `orders` and `intents` are so that this may be recorded.
Result<v1::OrderRecord> voiding(PartitionReader& reader, const PartitionVoid& command) {
  const auto end = reader.orders_end(1);
  if (!end) return end.error();
  if (end->last.foreign) {
    return Error::fatal(
        fmt::format("the message at offset {} of orders is no record: nothing can be added behind it", *end->last.foreign));
  }
  const std::vector<RecordAt>& last = end->last.records;
  const bool is_empty = last.empty();
  if (is_empty && end->span.low > 0) {
    return Error::fatal(fmt::format("orders begins at {} and holds no record: nobody knows where it ended", end->span.low));
  }
  const Offset next = is_empty ? 0 : static_cast<Offset>(last.back().record.last_offset()) + 1;
  if (next != command.from) {
    return Error::fatal(
        fmt::format("orders holds the rulings up to intent {}, so only a gap that begins at {} can be voided, not "
                    "one at {}",
                    next - 1, next, command.from));
  }
  const auto intents = reader.intents_span();
  if (!intents) return intents.error();
  if (intents->high <= command.to) {
    return Error::fatal(fmt::format("intents ends at {}: the offsets up to {} are still to come", intents->high, command.to));
  }
  const auto first = reader.first_intent_from(command.from);
  if (!first) return first.error();
  if (*first <= command.to) {
    return Error::fatal(fmt::format("intent {} is there: the ledger has to rule on it", *first));
  }
  v1::OrderRecord record;
  record.set_first_offset(static_cast<std::uint64_t>(command.from));
  record.set_last_offset(static_cast<std::uint64_t>(command.to));
  record.set_log_time_ms(is_empty ? 0 : last_log_time(last.back().record));
  record.set_rules_version(kRulesVersion);
  record.mutable_voided()->set_reason(command.reason);
  record.set_digest(digest_after(is_empty ? 0 : last.back().record.digest(), record));
  return record;
}

Result<void> append(kafka::TransactionalProducer& owner, const v1::OrderRecord& record) {
  if (auto begun = owner.begin(); !begun) return begun;
  if (auto produced = owner.produce("", record.SerializeAsString()); !produced) return produced;
  if (auto flushed = owner.flush(); !flushed) return flushed;
  return owner.commit();
}

// Whatever became of the call, the log says whether the record is there. It need not be the last one: a ledger goes on at once.
Result<void> verify(PartitionReader& reader, const v1::OrderRecord& record, const Result<void>& appended) {
  if (auto ended = reader.wait_for_open_transactions(); !ended) {
    const std::string so_far = appended ? "the record was committed, but cannot be seen yet" : appended.error().message;
    return Error::retryable(so_far + "; " + ended.error().message);
  }
  const auto fit = reader.fit_of({.next = static_cast<Offset>(record.last_offset()) + 1, .digest = record.digest()});
  if (!fit) return fit.error();
  if (*fit == LocalFit::kFits) return {};
  if (!appended)
    return Error::retryable(appended.error().message + "; the record is not in orders (yet): inspect the partition");
  return Error::retryable("the record was committed, but is not in orders: inspect the partition");
}

// Takes the partition over, and looks again: what was decided in between would be in `orders` now.
Result<v1::OrderRecord> take_over_and_append(PartitionReader& reader, const PartitionVoid& command) {
  const auto owner =
      kafka::TransactionalProducer::open({.brokers = command.cluster.brokers, .name = "sluicectl"},
                                         {.transactional_id = fmt::format("{}-{}", command.application, command.partition),
                                          .topic = std::string(kOrdersTopic),
                                          .partition = command.partition});
  if (!owner) return owner.error();
  if (auto fenced = (*owner)->init(); !fenced) return fenced.error();
  if (auto ended = reader.wait_for_open_transactions(); !ended) return ended.error();
  auto record = voiding(reader, command);
  if (!record) return record;
  const auto appended = append(**owner, *record);
  if (auto verified = verify(reader, *record, appended); !verified) return verified.error();
  return record;
}

}  // namespace

ExitCode run(const PartitionInspect& command) {
  LocalPosition local;
  if (command.next) {
    const auto digest = parse_digest(command.digest);
    if (!digest) return fail_usage("--next goes with --digest, in hexadecimal, as the ledger's message says both");
    local = {*command.next, *digest};
  }
  auto reader = PartitionReader::open(command.cluster, {command.partition});
  if (!reader) return fail(reader.error());
  const auto report = inspect(*reader, command, local);
  if (!report) return fail(report.error());
  fmt::print("{}", command.as_json ? report_json(*report) : report_text(*report));
  return findings_of(*report).empty() ? ExitCode::kDone : ExitCode::kRefused;
}

ExitCode run(const PartitionVoid& command) {
  if (command.to < command.from) return fail_usage("--to must not lie before --from");
  if (command.reason.empty() || command.reason.size() > kReasonBytesMax) {
    return fail_usage(fmt::format("--reason needs 1 to {} bytes", kReasonBytesMax));
  }
  auto reader = PartitionReader::open(command.cluster, {command.partition});
  if (!reader) return fail(reader.error());
  auto record = voiding(*reader, command);
  if (!record) return fail(record.error(), "; nothing was written");
  if (!command.dry_run) {
    record = take_over_and_append(*reader, command);
    if (!record) return fail(record.error());
  }
  fmt::print("partition {}: intents {}..{} {} void, digest {:016x}, log time {}\n", command.partition, command.from, command.to,
             command.dry_run ? "would be recorded as" : "are recorded as", record->digest(), record->log_time_ms());
  if (command.dry_run) return ExitCode::kDone;
  fmt::print(
      "Who asked for them is told that the request was lost. If payments were among them, have the gateway deliver again\n"
      "what it delivered since log time {}. The ledger goes on by itself, within 5 minutes; sooner if it is started again.\n",
      record->log_time_ms());
  return ExitCode::kDone;
}

}  // namespace sluice
