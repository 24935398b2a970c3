#include "ingest/ingest_loop.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace sluice {
namespace {

constexpr UnixMillis kMillisPerSecond = 1000;

constexpr int kActWaitSeconds = 10;
// True of every request: a purchase, a refund and the like by the key, a payment by its id, a cancel and a sale by what they
// ask.
constexpr std::string_view kRepeat = "Repeat the request as it is, with the same Idempotency-Key if it has one: it counts once";

Refusal unknown_result() {
  return {Problem::kUnknownResult, fmt::format("The log did not say in time whether it has the request. {}", kRepeat)};
}

Refusal not_written() { return {Problem::kNotRecorded, fmt::format("The log did not take the request. {}", kRepeat)}; }

Refusal overloaded() {
  return {Problem::kOverloaded, fmt::format("Too many requests are waiting. After Retry-After: {}", kRepeat)};
}

bool is_public_read(Route::Kind kind) {
  return kind == Route::Kind::kReadSales || kind == Route::Kind::kReadSku || kind == Route::Kind::kReadApi;
}

// Who administers wants to know how it ended; who buys wants to know at once that it was taken.
int default_wait_seconds(Route::Kind kind) {
  switch (kind) {
    case Route::Kind::kApplySale:
    case Route::Kind::kAdjustStock:
    case Route::Kind::kFreeze:
    case Route::Kind::kRefund:
    case Route::Kind::kRefundSettled:
      return kActWaitSeconds;
    default:
      return 0;
  }
}

}  // namespace

IngestLoop::IngestLoop(const IngestRules& rules, const PublicIds& ids, World world, IngestMetrics& metrics)
    : rules_(rules),
      ids_(ids),
      world_(std::move(world)),
      metrics_(metrics),
      answers_(world_.answers, metrics),
      intake_({rules.generation, rules.partitions, ids, world_.authenticate, world_.webhook}),
      in_hand_(rules.in_hand),
      teller_(rules.generation, rules.partitions, rules.verdicts, ids, world_.stored, answers_),
      public_reads_(rules.generation, rules.partitions, rules.skus_max, world_.tail, world_.stored_stock),
      recent_(rules.recent_requests_max, rules.recent_requests_keep_ms) {}

// ---- requests

std::optional<HttpAnswer> IngestLoop::on_request(Exchange exchange, const HttpRequest& request, UnixMillis now) {
  std::optional<HttpAnswer> answer = answer_to(exchange, request, now);
  if (answer) metrics_.answers(answer->status).Increment();
  return answer;
}

std::optional<HttpAnswer> IngestLoop::answer_to(Exchange exchange, const HttpRequest& request, UnixMillis now) {
  const Admitted<Route> routed = route(request);
  if (const auto* refusal = std::get_if<Refusal>(&routed)) return problem_answer(*refusal);
  const Route& route = std::get<Route>(routed);
  if (is_public_read(route.kind)) return public_reads_.on_request(route, request, now);

  const Admitted<int> wait = wait_seconds(request, default_wait_seconds(route.kind));
  const auto* bad_wait = std::get_if<Refusal>(&wait);
  const Asker asker{exchange, bad_wait == nullptr ? std::get<int>(wait) : 0};
  if (route.kind == Route::Kind::kReadOrder) {
    return bad_wait == nullptr ? read_order(asker, route, request, now) : problem_answer(*bad_wait);
  }
  Admitted<Wanted> admitted = intake_.admit(route, request, now, intent_);
  if (const auto* refusal = std::get_if<Refusal>(&admitted)) {
    const bool malformed = refusal->problem == Problem::kMalformedBody || refusal->problem == Problem::kBadField;
    if (malformed && route.kind == Route::Kind::kPayment) metrics_.payments_unusable.Increment();
    return problem_answer(*refusal);
  }
  if (bad_wait != nullptr) return problem_answer(*bad_wait);
  return ask_ledger(asker, std::move(std::get<Wanted>(admitted)), now);
}

std::optional<HttpAnswer> IngestLoop::read_order(const Asker& asker, const Route& route, const HttpRequest& request,
                                                 UnixMillis now) {
  Admitted<std::string> user = world_.authenticate(request.authorization, Role::kBuyer, now);
  if (const auto* refusal = std::get_if<Refusal>(&user)) return problem_answer(*refusal);
  auto& buyer = std::get<std::string>(user);
  const std::optional<Ticket> ticket = ids_.read(route.name, buyer);
  if (!ticket) return problem_answer(no_such_order());
  return teller_.tell(asker, {.purpose = {.user = std::move(buyer)}, .ticket = *ticket}, now);
}

// Appends the intent that stands in intent_, unless the same request was taken lately. What follows is on_append_end().
std::optional<HttpAnswer> IngestLoop::ask_ledger(const Asker& asker, Wanted wanted, UnixMillis now) {
  const std::optional<AdmittedPurchase>& purchase = wanted.purchase;
  const RecentRequests::Request* recent = purchase ? recent_.find(purchase->fingerprint, now) : nullptr;
  if (recent != nullptr && recent->quantity == purchase->quantity) {
    metrics_.repeats.Increment();
    if (recent->ticket) return teller_.tell(asker, {std::move(wanted.purpose), *recent->ticket}, now);
    in_hand_.join(recent->append, asker);
    return std::nullopt;
  }
  if (!in_hand_.has_room(wanted.purpose.kind, now)) return problem_answer(overloaded());
  const AppendId append = ++last_append_;
  intent_.SerializeToString(&intent_bytes_);
  if (!world_.appends.append(wanted.partition, wanted.key, intent_bytes_, append)) return problem_answer(overloaded());
  UnderWay under_way{.purpose = std::move(wanted.purpose), .partition = wanted.partition, .askers = {asker}, .began = now};
  if (purchase) {
    recent_.began(purchase->fingerprint, purchase->quantity, append, now);
    under_way.repeatable = purchase->fingerprint;
  }
  in_hand_.add(append, std::move(under_way));
  return std::nullopt;
}

// ---- what comes back

Result<bool> IngestLoop::poll_once(UnixMillis now) {
  ended_.clear();
  const Result<void> appends = world_.appends.ended(ended_);
  for (const AppendEnd& end : ended_) on_append_end(end, now);
  Result<bool> tail = appends.ok() ? read_tail(now) : Result<bool>(appends.error());
  if (!tail) {
    give_up();
    return tail;
  }
  if (*tail) teller_.answer_decided(now);
  const bool stored_orders = teller_.answer_stored();
  const bool stored_stock = public_reads_.poll(now);
  teller_.answer_expired(now);
  teller_.tell_pace(now);
  metrics_.appends_in_flight.Set(static_cast<double>(in_hand_.size()));
  metrics_.waits_open.Set(static_cast<double>(teller_.waits()));
  return !ended_.empty() || *tail || stored_orders || stored_stock;
}

Result<bool> IngestLoop::read_tail(UnixMillis now) {
  const auto take = [this, now](Partition partition, const v1::OrderRecord& record, UnixMillis appended) -> Result<void> {
    if (auto taken = teller_.take(partition, record, appended, now); !taken) return taken;
    public_reads_.take(partition, record);
    metrics_.next_offset.at(static_cast<std::size_t>(partition.value))->Set(static_cast<double>(verdicts(partition).next()));
    return {};
  };
  const Result<std::size_t> read = world_.tail.read(take);
  if (!read) return read.error();
  return *read > 0;
}

void IngestLoop::on_append_end(const AppendEnd& end, UnixMillis now) {
  if (end.how == AppendEnd::How::kUnknown) return fail(end.append, unknown_result());
  if (end.how == AppendEnd::How::kNotWritten) return fail(end.append, not_written());
  const UnderWay done = in_hand_.take(end.append);
  const Ticket ticket = Ticket::of(done.partition, Position::at(rules_.generation, end.offset));
  teller_.appended(done.partition, end.offset);
  if (done.repeatable) recent_.acknowledged(*done.repeatable, end.append, ticket, now);
  metrics_.append_seconds.Observe(static_cast<double>(now - done.began) / kMillisPerSecond);
  for (const Asker& asker : done.askers) {
    auto told = teller_.tell(asker, {done.purpose, ticket}, now);
    if (told) answers_.answer(asker.exchange, std::move(*told));
  }
}

// The intent has no ticket: its askers are told why, and nothing of it is remembered, so that a repetition is appended.
void IngestLoop::fail(AppendId append, const Refusal& refusal) {
  const UnderWay failed = in_hand_.take(append);
  if (failed.repeatable) recent_.forget(*failed.repeatable, append);
  for (const Asker& asker : failed.askers) answers_.answer(asker.exchange, problem_answer(refusal));
}

void IngestLoop::give_up() {
  while (in_hand_.size() > 0) fail(in_hand_.any(), unknown_result());
  teller_.give_up();
}

}  // namespace sluice
