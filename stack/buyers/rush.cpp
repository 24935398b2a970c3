#include "stack/buyers/rush.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/check.h"
#include "runtime/clock.h"
#include "stack/buyers/answer.h"

namespace sluice {
namespace {

// A read that the server holds back occupies a connection. While more buyers wait than connections are set apart for reads,
// the server may hold each only briefly, so that all get their turn.
constexpr int kHoldSeconds = 5;
constexpr int kHoldSecondsInACrowd = 1;
constexpr std::chrono::seconds kReadSlack{10};             // of a read's time-out beyond what the server may hold it
constexpr std::chrono::milliseconds kReadAgainAfter{500};  // at the earliest, from one read of a ticket to the next

// Neither kind of request may take all connections from the other.
int asks_at_once(int connections) { return std::max(1, connections * 3 / 4); }
int reads_at_once(int connections) { return std::max(1, connections / 2); }

}  // namespace

Rush::Rush(const std::vector<Click>& clicks, const std::vector<Buyer>& buyers, const RushSettings& settings, HttpPool& pool,
           Journal& journal, Checkout& checkout, Tally& tally)
    : buyers_(buyers),
      settings_(settings),
      pool_(pool),
      journal_(journal),
      checkout_(checkout),
      tally_(tally),
      waiting_(buyers.size()),
      has_order_(buyers.size()) {
  requests_.reserve(clicks.size());
  for (const Click& click : clicks) {
    CHECK(click.buyer >= 0 && static_cast<std::size_t>(click.buyer) < buyers.size());
    schedule(requests_.size(), settings_.opens_at + click.at_ms);
    requests_.push_back({.click = &click});
  }
  open_ = static_cast<std::int64_t>(clicks.size());
}

void Rush::step(std::chrono::milliseconds limit) {
  const UnixMillis now = unix_millis();
  collect_due(now);
  UnixMillis next = checkout_.send_due(now);
  send_what_fits(now);
  if (!due_.empty()) next = std::min(next, due_.top().first);
  const UnixMillis wait = std::clamp<UnixMillis>(next - now, 0, limit.count());
  for (const HttpReply& reply : pool_.wait(std::chrono::milliseconds{wait})) {
    const UnixMillis answered = unix_millis();
    if ((reply.tag & Checkout::kTag) != 0) {
      checkout_.on_reply(reply, answered);
    } else {
      on_reply(reply, answered);
    }
  }
}

void Rush::on_reply(const HttpReply& reply, UnixMillis now) {
  if (requests_[reply.tag].ticket.empty()) {
    --asking_;
    on_asked(reply.tag, reply, now);
  } else {
    --reading_;
    on_read(reply.tag, reply, now);
  }
}

void Rush::collect_due(UnixMillis now) {
  while (!due_.empty() && due_.top().first <= now) {
    const Index index = due_.top().second;
    due_.pop();
    (requests_[index].ticket.empty() ? asks_ : reads_).push_back(index);
  }
}

void Rush::send_what_fits(UnixMillis now) {
  while (!asks_.empty() && pool_.has_room() && asking_ < asks_at_once(settings_.connections)) {
    const Index index = asks_.front();
    asks_.pop_front();
    if (requests_[index].clicked == 0 && !is_empty_handed(requests_[index])) {
      --open_;
    } else {
      ask(index, now);
    }
  }
  while (!reads_.empty() && pool_.has_room() && reading_ < reads_at_once(settings_.connections)) {
    const Index index = reads_.front();
    reads_.pop_front();
    read(index, now);
  }
}

void Rush::ask(Index index, UnixMillis now) {
  Request& request = requests_[index];
  if (request.clicked == 0) {
    request.clicked = now;
    ++waiting_[static_cast<std::size_t>(request.click->buyer)];
    tally_.asked(request.click->buyer);
  }
  ++request.attempts;
  const Buyer& buyer = buyer_of(request);
  journal_.ask(now, static_cast<std::int64_t>(index), request.attempts, buyer.user, *request.click);
  const bool in_a_hurry = request.click->kind == ClickKind::kImpatient && request.attempts == 1;
  pool_.send({.tag = index,
              .path = "/v1/orders",
              .bearer = buyer.token,
              .key = request.click->key,
              .post = true,
              .body = fmt::format(R"({{"sku":{},"quantity":{}}})", json_quoted(request.click->sku), request.click->quantity),
              .time_out = in_a_hurry ? settings_.impatient_time_out : settings_.ask_time_out});
  ++asking_;
}

void Rush::read(Index index, UnixMillis now) {
  Request& request = requests_[index];
  request.read_sent = now;
  const bool crowd = reads_.size() > static_cast<std::size_t>(reads_at_once(settings_.connections));
  const int hold = crowd ? kHoldSecondsInACrowd : kHoldSeconds;
  journal_.read(now, static_cast<std::int64_t>(index), request.ticket);
  pool_.send({.tag = index,
              .path = fmt::format("/v1/orders/{}?wait={}", request.ticket, hold),
              .bearer = buyer_of(request).token,
              .time_out = std::chrono::seconds{hold} + kReadSlack});
  ++reading_;
}

void Rush::on_asked(Index index, const HttpReply& reply, UnixMillis now) {
  Request& request = requests_[index];
  const auto number = static_cast<std::int64_t>(index);
  if (is_unknown(reply)) {
    journal_.unknown(now, number, request.attempts, reply.status, why_unknown(reply));
    tally_.unknown();
    try_again(index, reply, now);
    return;
  }
  Answer answer = read_answer(reply.body);
  journal_.answer(now, number, request.attempts, reply.status, answer.json);
  if (reply.status == 202 && !answer.ticket.empty()) {
    request.ticket = std::move(answer.ticket);
    tally_.acknowledged();
    schedule(index, now);
  } else if (reply.status == 200 && !answer.status.empty()) {
    end(index, answer, now);
  } else {
    end(index, fmt::format("http_{}", reply.status), now);
  }
}

void Rush::on_read(Index index, const HttpReply& reply, UnixMillis now) {
  const Request& request = requests_[index];
  const auto number = static_cast<std::int64_t>(index);
  if (is_unknown(reply)) {
    journal_.unknown(now, number, request.attempts, reply.status, why_unknown(reply));
    try_again(index, reply, now);
    return;
  }
  const Answer answer = read_answer(reply.body);
  journal_.told(now, number, request.ticket, reply.status, answer.json);
  if (reply.status != 200 || answer.status.empty()) {
    end(index, fmt::format("http_{}", reply.status), now);
  } else if (answer.status != "pending") {
    end(index, answer, now);
  } else if (now - request.clicked > settings_.verdict_within.count()) {
    give_up(index, "no verdict in time", now);
  } else {
    schedule(index, std::max(now, request.read_sent + kReadAgainAfter.count()));
  }
}

void Rush::try_again(Index index, const HttpReply& reply, UnixMillis now) {
  const Request& request = requests_[index];
  const auto patience = request.ticket.empty() ? settings_.give_up_after : settings_.verdict_within;
  const bool in_a_hurry = reply.status == 0 && request.click->kind == ClickKind::kImpatient && request.attempts == 1;
  UnixMillis after = in_a_hurry ? 0 : settings_.retry_after.count();
  if (reply.retry_after_seconds > 0) after = reply.retry_after_seconds * 1000;
  if (now + after - request.clicked > patience.count()) {
    give_up(index, why_unknown(reply), now);
  } else {
    schedule(index, now + after);
  }
}

bool Rush::is_empty_handed(const Request& request) const {
  const auto buyer = static_cast<std::size_t>(request.click->buyer);
  return !request.click->if_empty_handed || (!has_order_[buyer] && waiting_[buyer] == 0);
}

void Rush::end(Index index, const Answer& answer, UnixMillis now) {
  const Request& request = requests_[index];
  if (!answer.order.empty()) has_order_[static_cast<std::size_t>(request.click->buyer)] = true;
  checkout_.begin(static_cast<std::int64_t>(index), *request.click, buyer_of(request), answer, now);
  end(index, answer.reason.empty() ? answer.status : answer.reason, now);
}

void Rush::end(Index index, std::string_view verdict, UnixMillis now) {
  tally_.ended(verdict, now - requests_[index].clicked);
  --waiting_[static_cast<std::size_t>(requests_[index].click->buyer)];
  --open_;
}

void Rush::give_up(Index index, std::string_view why, UnixMillis now) {
  journal_.gave_up(now, static_cast<std::int64_t>(index), why);
  --waiting_[static_cast<std::size_t>(requests_[index].click->buyer)];
  tally_.gave_up();
  --open_;
}

}  // namespace sluice
