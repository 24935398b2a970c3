#include "tests/simulation/ingest_process.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "ingest/reasons.h"
#include "schemas/reason_word.h"
#include "tests/simulation/hearing.h"
#include "tests/simulation/losses.h"

namespace sluice::simulation {
namespace {

constexpr int kRecordsPerRead = 40;
constexpr double kKnownAtStart = 0.2;      // of the processes: it costs a reading of the log
constexpr std::size_t kVerdictsKept = 32;  // few, so that older ones are asked of the view
constexpr std::size_t kOrdersKept = 6;
constexpr InHandBounds kInHand{.purchases_max = 6, .reserved = 4, .append_delay_max_ms = 20'000};
constexpr std::string_view kBearer = "Bearer ";
constexpr std::string_view kAdministrator = "administrator";

// What a token proves is the matter of another adapter: here the header names the user.
Admitted<std::string> authenticate(std::string_view header, Role role, UnixMillis) {
  if (!header.starts_with(kBearer)) return Refusal{Problem::kBadToken, "simulated: no token"};
  header.remove_prefix(kBearer.size());
  if (role == Role::kAdmin && header != kAdministrator) return Refusal{Problem::kForbidden, "simulated: no administrator"};
  return std::string(header);
}

OrderView order_view(const OrderSnapshot& shown, const std::map<std::string, PaymentSnapshot>& payments) {
  const v1::Order& order = shown.order;
  OrderView view{.status = order.status(),
                 .sku = order.sku(),
                 .user = order.user(),
                 .quantity = order.quantity(),
                 .amount_minor = order.amount_minor(),
                 .currency = order.currency(),
                 .created = order.created_ms(),
                 .pay_by = std::max<UnixMillis>(order.deadline_ms(), shown.recorded + 1000 * UnixMillis{order.hold_seconds()}),
                 .version = shown.version,
                 .refunds = {},
                 .whole = true};
  for (const auto& [id, payment] : payments) {
    if (payment.payment.order() != order.id() || payment.payment.end() != v1::PAYMENT_REFUND_DUE) continue;
    add_refund(view, {.payment_id = id,
                      .version = payment.version,
                      .amount_minor = payment.payment.amount_minor(),
                      .currency = payment.payment.currency(),
                      .reason = reason_word(payment.payment.refund_reason()),
                      .settled = payment.payment.refund_settled()});
  }
  return view;
}

}  // namespace

// Purchases fill only a part of the room, and only while the log is fast; and what is under way is not written again.
void SimulatedAppends::judge(std::string_view bytes) {
  v1::Intent intent;
  intent.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  const std::size_t most = kInHand.purchases_max + (intent.has_purchase() ? 0 : kInHand.reserved);
  if (under_way_.size() >= most) throw Violation("ingest has more under way than there is room");
  if (!intent.has_purchase()) return;
  if (!under_way_.empty() && surroundings_.now - under_way_.front().since > kInHand.append_delay_max_ms) {
    throw Violation("ingest takes a purchase while the log is slow");
  }
  // A key that comes with another quantity is the ledger's to refuse: only one of them is remembered.
  const std::uint32_t quantity = intent.purchase().quantity();
  intent.mutable_purchase()->clear_quantity();
  std::uint32_t& only = quantities_.try_emplace(intent.SerializeAsString(), quantity).first->second;
  if (only != quantity) only = 0;
  const auto same = [bytes](const UnderWay& other) { return other.intent == bytes; };
  if (only != 0 && std::ranges::any_of(under_way_, same)) throw Violation("ingest writes a purchase again that is under way");
}

bool SimulatedAppends::append(Partition partition, std::string_view, std::string_view intent, AppendId append) {
  judge(intent);
  const bool ours = partition == surroundings_.identity.partition;
  UnderWay under_way{append, std::string(intent), surroundings_.now};
  const bool taken = calls_.make(
      Step::kIngestAppend,
      [&] {
        const bool room = surroundings_.broker.calm || surroundings_.dice.chance(0.995);
        if (room) producer_.send(append, std::string(intent), ours);
        return room;
      },
      [&] {
        if (ours) producer_.send_late(std::string(intent));
      });
  if (taken) under_way_.push_back(std::move(under_way));
  return taken;
}

Result<void> SimulatedAppends::ended(std::vector<AppendEnd>& into) {
  return calls_.make(Step::kAppendEnds, [&]() -> Result<void> {
    ends_.clear();
    producer_.take_ended(ends_);
    for (const SimulatedProducer::End& end : ends_) {
      const auto how = end.how == SimulatedProducer::How::kAcknowledged ? AppendEnd::How::kAcknowledged
                       : end.how == SimulatedProducer::How::kNotWritten ? AppendEnd::How::kNotWritten
                                                                        : AppendEnd::How::kUnknown;
      into.push_back({end.id, how, end.offset});
      std::erase_if(under_way_, [&end](const UnderWay& ended) { return ended.id == end.id; });
    }
    return {};
  });
}

SimulatedTail::SimulatedTail(Surroundings& surroundings, FaultyCalls& calls, KnownStock& known)
    : surroundings_(surroundings),
      broker_(surroundings.broker),
      calls_(calls),
      begun_(surroundings.turn),
      reader_(surroundings.broker),
      partition_(surroundings.identity.partition),
      end_at_start_(reader_.end()),
      next_(first_wanted(surroundings.dice.between(1, 200))),
      reached_end_(end_at_start_ == 0) {
  if (surroundings.dice.chance(kKnownAtStart)) add_known(known);
}

// From somewhere in the middle, but so that there is a record, if there is any.
std::int64_t SimulatedTail::first_wanted(std::int64_t look_back) const {
  std::int64_t from = std::max<std::int64_t>(0, end_at_start_ - look_back);
  std::int64_t last_record = 0;
  reader_.read(0, [&](std::int64_t offset, UnixMillis, const std::string&) {
    last_record = offset;
    return true;
  });
  return std::min(from, last_record);
}

void SimulatedTail::add_known(KnownStock& known) {
  reader_.read(next_, [&](std::int64_t, UnixMillis, const std::string& bytes) {
    if (record_.ParseFromString(bytes) && !record_.change().sku().empty()) {
      const auto offset = static_cast<Offset>(record_.first_offset());
      known[record_.change().sku()] = Position::at(surroundings_.identity.generation, offset).value;
    }
    return true;
  });
}

Result<std::size_t> SimulatedTail::read(const TakeRecord& take) {
  return calls_.make(Step::kTailRead, [&]() -> Result<std::size_t> {
    std::size_t count = 0;
    const std::int64_t end = reader_.end();
    const auto most = static_cast<std::size_t>(broker_.dice.between(1, kRecordsPerRead));
    Result<void> taken;
    next_ = reader_.read(next_, [&](std::int64_t, UnixMillis append_time, const std::string& bytes) {
      if (!record_.ParseFromString(bytes)) throw Violation("orders holds no record");
      taken = take(partition_, record_, append_time);
      return taken.ok() && ++count < most;
    });
    if (!taken) {
      if (is_right_about_a_log(taken.error().message, surroundings_, begun_)) return taken.error();
      throw Violation("an ingest gave up for good: " + taken.error().message);
    }
    reached_end_ = reached_end_ || (next_ >= end && next_ >= end_at_start_);
    return count;
  });
}

bool SimulatedStored::ask(Ticket order, Exchange asked_by) {
  return calls_.make(Step::kStoredAsk, [&] {
    if (questions_.size() > 20) return false;
    questions_.emplace_back(order, asked_by);
    return true;
  });
}

void SimulatedStored::answered(std::vector<StoredOrder>& into) {
  calls_.make(Step::kStoredAnswers, [&] {
    while (!questions_.empty() && (surroundings_.broker.calm || surroundings_.dice.chance(0.6))) {
      into.push_back(look_up(questions_.front().first, questions_.front().second));
      questions_.pop_front();
    }
  });
}

StoredOrder SimulatedStored::look_up(Ticket order, Exchange asked_by) const {
  const SharedView& view = surroundings_.view;
  if (!surroundings_.broker.calm && surroundings_.dice.chance(0.05)) return {.asked_by = asked_by};  // out of reach
  const auto alias = view.aliases.find(order.value);
  const auto shown = view.orders.find(alias == view.aliases.end() ? order.value : alias->second);
  if (shown != view.orders.end()) {
    return {.asked_by = asked_by,
            .known = StoredOrder::Known::kFound,
            .id = {shown->first},
            .order = order_view(shown->second, view.payments)};
  }
  // The seventeenth repetition of an order has no alias: behind it nobody can say that no order came of a ticket.
  const bool past = view.complete_to > order.position();
  const bool whole = view.aliases_whole_from <= order.position();
  using Known = StoredOrder::Known;
  return {.asked_by = asked_by, .known = !past ? Known::kNotTelling : whole ? Known::kNone : Known::kMissing};
}

bool SimulatedStored::load() {
  loading_ = true;
  return true;
}

std::optional<StoredStocks> SimulatedStored::loaded() {
  if (!loading_ || !(surroundings_.broker.calm || surroundings_.dice.chance(0.5))) return std::nullopt;
  loading_ = false;
  StoredStocks stocks;
  stocks.covered_to.resize(static_cast<std::size_t>(surroundings_.identity.partition_count));
  const SharedView& view = surroundings_.view;
  if (view.complete_to != Position()) {
    stocks.covered_to[static_cast<std::size_t>(surroundings_.identity.partition.value)] = view.complete_to;
  }
  for (const auto& [sku, stock] : view.stocks) {
    known_[sku] = std::max(known_[sku], stock.version.value);
    stocks.rows.push_back({.version = stock.version,
                           .log_time = 0,
                           .terms = stock.sale,
                           .counters = stock.counters,
                           .opened_slots = stock.opened_slots,
                           .frozen = stock.frozen});
  }
  return stocks;
}

// Passes answers on, and sees that each comes to somebody who waits for one.
class IngestProcess::Answering : public Answers {
 public:
  Answering(IngestProcess& process, KnownStock& known) : process_(process), known_(known) {}

  void answer(Exchange exchange, HttpAnswer answer) override {
    process_.life_.calls().make(Step::kAnswer, [&] {
      const auto asked = process_.open_.find(exchange);
      if (asked == process_.open_.end()) throw Violation("ingest answered a request twice, or one that nobody asked");
      const std::uint64_t asking = asked->second;
      process_.open_.erase(asked);
      judge(answer);
      process_.customers_.answered(asking, answer);
      if (process_.answers_twice_ && process_.surroundings_.dice.chance(0.01)) process_.customers_.answered(asking, answer);
    });
  }

 private:
  // Of a SKU it never tells an older state than it knows, or has told before.
  void judge(const HttpAnswer& answer) {
    if (answer.status != 200 || member(answer.body, "available").empty()) return;
    const std::string_view text = member(answer.body, "position");
    std::uint64_t position = 0;
    std::from_chars(text.data(), text.data() + text.size(), position);
    std::uint64_t& known = known_[std::string(member(answer.body, "sku"))];
    if (position < known) throw Violation(fmt::format("I7: ingest tells an older stock than of {}: {}", known, answer.body));
    known = position;
  }

  IngestProcess& process_;
  KnownStock& known_;
};

IngestProcess::IngestProcess(Surroundings& surroundings, Customers& customers, const PublicIds& ids,
                             const WebhookCheck& webhook, IngestMetrics& metrics, bool answers_twice)
    : surroundings_(surroundings),
      customers_(customers),
      ids_(ids),
      webhook_(webhook),
      metrics_(metrics),
      answers_twice_(answers_twice),
      life_(
          surroundings, [this] { run(); }, [this] { cut_everybody_off(); }) {}

void IngestProcess::run() {
  IngestRules rules;
  rules.generation = surroundings_.identity.generation;
  rules.partitions = surroundings_.identity.partition_count;
  rules.in_hand = kInHand;
  rules.recent_requests_max = 16;
  rules.recent_requests_keep_ms = 5'000;
  rules.verdicts = {.verdicts = kVerdictsKept, .orders = kOrdersKept};
  SimulatedAppends appends(surroundings_, life_.calls());
  KnownStock known;
  SimulatedTail tail(surroundings_, life_.calls(), known);
  SimulatedStored stored(surroundings_, life_.calls(), known);
  Answering answers(*this, known);
  IngestLoop loop(rules, ids_, {appends, tail, stored, stored, answers, authenticate, webhook_}, metrics_);
  for (;;) {
    serve(loop, answers);
    // After an error everybody who waited has been answered, and the process ends.
    if (const Result<bool> done = loop.poll_once(surroundings_.now); !done) break;
    life_.pause();
  }
  if (!open_.empty()) cut_everybody_off();
}

void IngestProcess::serve(IngestLoop& loop, Answering& answers) {
  while (!arriving_.empty()) {
    const Asking asking = std::move(arriving_.front());
    arriving_.pop_front();
    const Exchange exchange = ++last_exchange_;
    open_[exchange] = asking.id;
    const HttpRequest request{.method = asking.method,
                              .path = asking.path,
                              .authorization = asking.authorization,
                              .idempotency_key = asking.key,
                              .content_type = "application/json",
                              .prefer = asking.prefer,
                              .signature = asking.signature,
                              .body = asking.body};
    if (std::optional<HttpAnswer> at_once = loop.on_request(exchange, request, surroundings_.now)) {
      answers.answer(exchange, std::move(*at_once));
    }
  }
}

void IngestProcess::cut_everybody_off() {
  for (const auto& [exchange, asking] : std::exchange(open_, {})) customers_.cut_off(asking);
  for (const Asking& asking : std::exchange(arriving_, {})) customers_.cut_off(asking.id);
}

}  // namespace sluice::simulation
