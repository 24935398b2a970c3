#include "ingest/ingest_loop.h"

#include <limits>
#include <utility>

#include "ingest/answers.h"
#include "runtime/check.h"

namespace sluice {
namespace {

constexpr UnixMillis kMillisPerSecond = 1000;
constexpr UnixMillis kPaceMillis = 100;

Refusal unknown_result() {
  return {Problem::kUnknownResult,
          "The log did not say in time whether it has the request. Repeat it with the same Idempotency-Key: it counts once"};
}

Refusal not_written() {
  return {Problem::kNotRecorded, "The log did not take the request. Repeat it with the same Idempotency-Key"};
}

Refusal overloaded() {
  return {Problem::kOverloaded, "Too many requests are waiting. Repeat it with the same Idempotency-Key after Retry-After"};
}

}  // namespace

IngestLoop::IngestLoop(const IngestRules& rules, const PublicIds& ids, World world, IngestMetrics& metrics)
    : rules_(rules),
      ids_(ids),
      world_(std::move(world)),
      metrics_(metrics),
      recent_(rules.recent_requests_max, rules.recent_requests_keep_ms) {
  for (int partition = 0; partition < rules.partitions; ++partition) {
    verdicts_.emplace_back(rules.generation, Partition{partition}, rules.verdicts);
  }
}

// ---- requests

std::optional<HttpAnswer> IngestLoop::on_request(Exchange exchange, const HttpRequest& request, UnixMillis now) {
  const auto refuse = [this](const Refusal& refusal) { return counted(problem_answer(refusal)); };
  const Admitted<Route> routed = route(request);
  if (const auto* refusal = std::get_if<Refusal>(&routed)) return refuse(*refusal);
  Admitted<std::string> user = world_.authenticate(request.authorization, now);
  if (const auto* refusal = std::get_if<Refusal>(&user)) return refuse(*refusal);
  const Admitted<int> wait = wait_seconds(request);
  if (const auto* refusal = std::get_if<Refusal>(&wait)) return refuse(*refusal);
  const Asker asker{exchange, std::get<int>(wait)};
  std::optional<HttpAnswer> answer;
  if (std::get<Route>(routed).kind == Route::Kind::kPurchase) {
    answer = on_purchase(asker, request, std::move(std::get<std::string>(user)), now);
  } else {
    const std::optional<Ticket> ticket = ids_.read(std::get<Route>(routed).id, std::get<std::string>(user));
    if (!ticket) return refuse({Problem::kNoSuchOrder, "The id is mistyped, or it belongs to another user"});
    answer = tell(asker, {.user = std::move(std::get<std::string>(user)), .ticket = *ticket}, now);
  }
  if (answer) return counted(std::move(*answer));
  return std::nullopt;
}

std::optional<HttpAnswer> IngestLoop::on_purchase(const Asker& asker, const HttpRequest& request, std::string user,
                                                  UnixMillis now) {
  const Admitted<std::string_view> key = admit_key(request);
  if (const auto* refusal = std::get_if<Refusal>(&key)) return problem_answer(*refusal);
  const Admitted<PurchaseBody> read = json_.read(request.body);
  if (const auto* refusal = std::get_if<Refusal>(&read)) return problem_answer(*refusal);
  const PurchaseBody& body = std::get<PurchaseBody>(read);
  const auto admitted =
      admit_purchase(user, std::get<std::string_view>(key), body.sku, body.quantity, rules_.partitions, intent_);
  if (const auto* refusal = std::get_if<Refusal>(&admitted)) return problem_answer(*refusal);
  const AdmittedPurchase& purchase = std::get<AdmittedPurchase>(admitted);

  const RecentRequests::Request* recent = recent_.find(purchase.fingerprint, now);
  if (recent != nullptr && recent->quantity == purchase.quantity) {
    metrics_.repeats.Increment();
    if (recent->ticket) return tell(asker, {.user = std::move(user), .ticket = *recent->ticket, .to_purchase = true}, now);
    in_hand_.at(recent->append).askers.push_back(asker);
    return std::nullopt;
  }
  if (is_overloaded(now)) return problem_answer(overloaded());
  return begin({.admitted = purchase, .user = std::move(user), .askers = {asker}, .began = now}, body.sku);
}

// Takes a purchase in hand, with its intent in intent_: from now on its append is under way.
std::optional<HttpAnswer> IngestLoop::begin(Purchase purchase, std::string_view sku) {
  const AppendId append = ++last_append_;
  const AdmittedPurchase& admitted = purchase.admitted;
  intent_.SerializeToString(&intent_bytes_);
  if (!world_.appends.append(admitted.partition, sku, intent_bytes_, append)) return problem_answer(overloaded());
  recent_.began(admitted.fingerprint, admitted.quantity, append, purchase.began);
  by_age_.emplace_back(append, purchase.began);
  in_hand_.emplace(append, std::move(purchase));
  return std::nullopt;
}

bool IngestLoop::is_overloaded(UnixMillis now) {
  while (!by_age_.empty() && !in_hand_.contains(by_age_.front().first)) by_age_.pop_front();
  if (in_hand_.size() >= rules_.in_hand_max) return true;
  return !by_age_.empty() && now - by_age_.front().second > rules_.append_delay_max_ms;
}

std::optional<HttpAnswer> IngestLoop::tell(const Asker& asker, Open open, UnixMillis now) {
  if (!is_readable(open.ticket)) return archived_answer(ids_.write(open.ticket, open.user));
  LookedUp found = look_up(verdicts(open.ticket.partition()), ids_, {open.ticket, open.user});
  if (auto* answer = std::get_if<HttpAnswer>(&found)) return std::move(*answer);
  if (const auto* ask = std::get_if<AskStore>(&found)) {
    if (!world_.stored.ask(ask->order, asker.exchange)) {
      return answer_from_store({}, ids_, {open.ticket, open.user}, ask->order, /*verdict_known=*/false);
    }
    open.asked = *ask;
    open.verdict_known = verdicts(open.ticket.partition()).find(open.ticket).known == Verdicts::Known::kDecided;
    open_.insert_or_assign(asker.exchange, std::move(open));
    return std::nullopt;
  }
  if (asker.wait_seconds == 0 || finishing_) return pending(open);
  waits_.add(asker.exchange, open.ticket, now + asker.wait_seconds * kMillisPerSecond);
  open_.insert_or_assign(asker.exchange, std::move(open));
  return std::nullopt;
}

// Topics are created anew with a higher generation, and tickets of the old ones stay with their users.
bool IngestLoop::is_readable(Ticket ticket) const {
  return ticket.position().generation() == rules_.generation && ticket.partition().value < rules_.partitions;
}

HttpAnswer IngestLoop::pending(const Open& open) const {
  const Pace& pace = verdicts(open.ticket.partition()).pace();
  const Offset offset = open.ticket.position().offset();
  return pending_answer(ids_.write(open.ticket, open.user), pace.place(offset), pace.eta_seconds(offset), open.to_purchase);
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
  if (*tail) answer_decided(now);
  const bool stored = answer_stored();
  answer_expired(now);
  if (now - pace_told_ >= kPaceMillis || now < pace_told_) {
    pace_told_ = now;
    for (Verdicts& known : verdicts_) known.pace().decided(known.next(), now);
  }
  metrics_.appends_in_flight.Set(static_cast<double>(in_hand_.size()));
  metrics_.waits_open.Set(static_cast<double>(waits_.size()));
  return !ended_.empty() || *tail || stored;
}

// Nothing more will come back: everybody who waits is told what is known.
void IngestLoop::give_up() {
  while (!in_hand_.empty()) fail(in_hand_.begin()->first, unknown_result());
  finish();
}

void IngestLoop::on_append_end(const AppendEnd& end, UnixMillis now) {
  if (end.how == AppendEnd::How::kUnknown) return fail(end.append, unknown_result());
  if (end.how == AppendEnd::How::kNotWritten) return fail(end.append, not_written());
  const auto found = in_hand_.find(end.append);
  CHECK(found != in_hand_.end());
  const Purchase purchase = std::move(found->second);
  in_hand_.erase(found);
  const Partition partition = purchase.admitted.partition;
  const Ticket ticket = Ticket::of(partition, Position::at(rules_.generation, end.offset));
  verdicts_.at(static_cast<std::size_t>(partition.value)).pace().appended(end.offset);
  recent_.acknowledged(purchase.admitted.fingerprint, end.append, ticket, now);
  metrics_.append_seconds.Observe(static_cast<double>(now - purchase.began) / kMillisPerSecond);
  for (const Asker& asker : purchase.askers) {
    auto told = tell(asker, {.user = purchase.user, .ticket = ticket, .to_purchase = true}, now);
    if (told) answer(asker.exchange, std::move(*told));
  }
}

// The purchase has no ticket: its askers are told why, and nothing of it is remembered, so that a repetition is appended.
void IngestLoop::fail(AppendId append, const Refusal& refusal) {
  const auto found = in_hand_.find(append);
  CHECK(found != in_hand_.end());
  const Purchase purchase = std::move(found->second);
  in_hand_.erase(found);
  recent_.forget(purchase.admitted.fingerprint, append);
  for (const Asker& asker : purchase.askers) answer(asker.exchange, problem_answer(refusal));
}

Result<bool> IngestLoop::read_tail(UnixMillis now) {
  const auto take = [this, now](Partition partition, const v1::OrderRecord& record, UnixMillis appended) -> Result<void> {
    Verdicts& known = verdicts_.at(static_cast<std::size_t>(partition.value));
    const Offset next = known.next();
    if (known.take(record, appended, now) == Coverage::Ruling::kGap) {
      return Error::fatal("orders/" + std::to_string(partition.value) + " leaves a gap: intents up to " + std::to_string(next) +
                          " were ruled on, and the next record begins at " + std::to_string(record.first_offset()) +
                          "; the log is not the one that was read before");
    }
    metrics_.next_offset.at(static_cast<std::size_t>(partition.value))->Set(static_cast<double>(known.next()));
    return {};
  };
  const Result<std::size_t> read = world_.tail.read(take);
  if (!read) return read.error();
  return *read > 0;
}

void IngestLoop::answer_decided(UnixMillis now) {
  ready_.clear();
  for (int partition = 0; partition < rules_.partitions; ++partition) {
    waits_.take_decided(Partition{partition}, verdicts(Partition{partition}).next(), ready_);
  }
  for (const Exchange exchange : ready_) {
    auto told = tell({exchange, /*wait_seconds=*/0}, open_.at(exchange), now);
    if (told) answer(exchange, std::move(*told));
  }
}

void IngestLoop::answer_expired(UnixMillis now) {
  ready_.clear();
  waits_.take_expired(now, ready_);
  for (const Exchange exchange : ready_) answer(exchange, pending(open_.at(exchange)));
}

bool IngestLoop::answer_stored() {
  stored_.clear();
  world_.stored.answered(stored_);
  for (const StoredOrder& stored : stored_) {
    const Open& open = open_.at(stored.asked_by);
    answer(stored.asked_by, answer_from_store(stored, ids_, {open.ticket, open.user}, open.asked.order, open.verdict_known));
  }
  return !stored_.empty();
}

void IngestLoop::finish() {
  finishing_ = true;
  ready_.clear();
  waits_.take_expired(std::numeric_limits<UnixMillis>::max(), ready_);
  for (const Exchange exchange : ready_) answer(exchange, pending(open_.at(exchange)));
}

void IngestLoop::answer(Exchange exchange, HttpAnswer answer) {
  open_.erase(exchange);
  world_.answers.answer(exchange, counted(std::move(answer)));
}

HttpAnswer IngestLoop::counted(HttpAnswer answer) {
  metrics_.answers(answer.status).Increment();
  return answer;
}

}  // namespace sluice
