#include "ingest/shared_view.h"

#include <initializer_list>
#include <string>
#include <utility>

#include "ingest/stored_rows.h"
#include "runtime/clock.h"
#include "runtime/log.h"
#include "schemas/redis_keys.h"

namespace sluice {
namespace {

constexpr std::size_t kQuestionsMax = 4096;
constexpr std::int64_t kPauseNanos = 500'000'000;  // between two attempts to connect; meanwhile the answer is "not telling"

Result<std::vector<RedisHash>> hashes(RedisConnection& redis, std::initializer_list<std::string> keys) {
  for (const std::string& key : keys) redis.add({"HGETALL", key});
  auto replies = redis.exchange();
  if (!replies) return replies.error();
  std::vector<RedisHash> rows;
  for (RedisReply& reply : *replies) rows.push_back(hash_in(std::move(reply)));
  return rows;
}

// Nothing: a row is not what the contract says.
std::optional<OrderView> whole_order(const RedisHash& order, const RedisHash& refunds) {
  std::optional<OrderView> view = order_of(order);
  if (!view || !add_refunds(*view, refunds)) return std::nullopt;
  return view;
}

}  // namespace

SharedView::SharedView(RedisAddress address, const StockScanBounds& bounds, const Doorbell& bell)
    : address_(std::move(address)),
      bounds_(bounds),
      bell_(bell),
      questions_(kQuestionsMax),
      answers_(kQuestionsMax),
      loads_(1),
      thread_([this] { run(); }) {}

SharedView::~SharedView() {
  stopping_ = true;
  questions_.close();
  answers_.close();
  loads_.close();
  thread_.join();
}

bool SharedView::ask(Ticket order, Exchange asked_by) { return questions_.try_push({order, asked_by}); }

void SharedView::answered(std::vector<StoredOrder>& into) {
  while (auto answer = answers_.try_pop()) into.push_back(std::move(*answer));
}

bool SharedView::load() { return questions_.try_push({}); }

std::optional<StoredStocks> SharedView::loaded() { return loads_.try_pop(); }

void SharedView::run() {
  connect();  // says at the start if there is no Redis
  while (!stopping_) {
    const auto question = scan_ ? questions_.try_pop() : questions_.pop();
    if (question && question->order != Ticket{}) {
      if (!answers_.push(look_up(*question))) return;
      bell_.ring();
    } else if (question) {
      scan_ = std::make_unique<StockScan>(bounds_);
    } else if (scan_) {
      scan_on();
    }
  }
}

bool SharedView::connect() {
  if (connection_) return true;
  if (steady_nanos() < retry_at_ns_) return false;
  auto opened = RedisConnection::open(address_);
  if (!opened) {
    lost(opened.error());
    return false;
  }
  connection_.emplace(std::move(*opened));
  return true;
}

void SharedView::lost(const Error& error) {
  if (std::exchange(reachable_, false)) log_warning("older orders and stock cannot be read: {}", error.message);
  connection_.reset();
  retry_at_ns_ = steady_nanos() + kPauseNanos;
}

void SharedView::found_again() {
  if (!std::exchange(reachable_, true)) log_info("Redis at {} answers again", connection_->name());
}

StoredOrder SharedView::look_up(const Question& question) {
  const StoredOrder unknown{.asked_by = question.asked_by};
  if (!connect()) return unknown;
  Result<StoredOrder> found = read(question);
  if (!found) {
    lost(found.error());
    return unknown;
  }
  found_again();
  return *std::move(found);
}

// The view writes orders before its progress, so what it had covered is there when the order is looked for. It withdraws its
// progress when Redis has lost what it had, and moves kept_since on before a key ends: both are asked afterwards, too.
Result<StoredOrder> SharedView::read(const Question& question) {
  const Ticket ticket = question.order;
  const std::string progress = redis_keys::progress(ticket.partition());
  const auto rows = hashes(*connection_, {progress, redis_keys::order(ticket), redis_keys::refunds(ticket),
                                          redis_keys::kept_since(ticket.partition()), progress});
  if (!rows) return rows.error();
  const auto is_past = [&](const RedisHash& row) {
    return progress_of(row, bounds_.generation, bounds_.partitions).value_or(Position{}) > ticket.position();
  };
  const RedisHash& order = rows->at(1);
  StoredOrder stored{.asked_by = question.asked_by, .id = ticket};
  const bool covered = is_past(rows->front()) && is_past(rows->back());
  if (covered && order.empty()) {
    const auto since = version_of(rows->at(3));
    const bool kept = since && since->generation() == bounds_.generation && *since <= ticket.position();
    stored.known = kept ? StoredOrder::Known::kNone : StoredOrder::Known::kMissing;
    return stored;
  }
  std::optional<OrderView> view;
  if (const auto first = alias_of(order)) {
    const auto target = hashes(*connection_, {redis_keys::order(*first), redis_keys::refunds(*first)});
    if (!target) return target.error();
    stored.id = *first;
    view = whole_order(target->front(), target->back());
    if (covered && target->front().empty()) stored.known = StoredOrder::Known::kMissing;
  } else {
    view = whole_order(order, rows->at(2));
  }
  if (!view) return stored;
  stored.known = StoredOrder::Known::kFound;
  stored.order = *std::move(view);
  return stored;
}

void SharedView::scan_on() {
  StoredStocks stocks{std::vector<std::optional<Position>>(static_cast<std::size_t>(bounds_.partitions))};
  if (connect()) {
    const auto done = scan_->step(*connection_);
    if (done) found_again();
    if (done && !*done) return;
    if (done) stocks = std::move(*scan_).result();
    if (!done) lost(done.error());
  }
  scan_.reset();
  if (loads_.push(std::move(stocks))) bell_.ring();
}

}  // namespace sluice
