#include "stack/buyers/checkout.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "runtime/check.h"
#include "runtime/moment.h"

namespace sluice {
namespace {

constexpr UnixMillis kNever = std::numeric_limits<UnixMillis>::max();
constexpr int kPatienceSeconds = 5;  // for the verdict on a cancellation
constexpr std::string_view kHeld = "held";

bool pays(Aftermath aftermath) { return aftermath != Aftermath::kCancels && aftermath != Aftermath::kWalksAway; }

}  // namespace

void Checkout::begin(std::int64_t request, const Click& click, const Buyer& buyer, const Answer& answer, UnixMillis now) {
  if (!click.aftermath || answer.status != kHeld || answer.order.empty()) return;
  if (!known_.insert(answer.order).second) return;
  Errand errand{.request = request, .click = &click, .buyer = &buyer, .order = answer.order};
  errand.amount_minor = answer.amount_minor;
  errand.currency = answer.currency;
  errand.pay_by = parse_rfc3339(answer.pay_by).value_or(now);
  tally_.began(name_of(*click.aftermath));
  const bool walks_away = *click.aftermath == Aftermath::kWalksAway;
  if (walks_away && has_long_hold(errand, now)) return tally_.settled(kHeld);
  const Index index = errands_.size();
  errand.settled_by = (has_long_hold(errand, now) ? now : std::max(now, errand.pay_by)) + settings_.settled_within.count();
  if (!walks_away) errand.step = pays(*click.aftermath) ? Step::kPay : Step::kCancel;
  errands_.push_back(std::move(errand));
  ++open_;
  schedule(index, walks_away ? errands_[index].pay_by + settings_.look_after_hold.count() : now + click.pause_ms);
}

UnixMillis Checkout::send_due(UnixMillis now) {
  while (!due_.empty() && due_.top().first <= now && under_way_ < settings_.connections && pool_.has_room()) {
    const Index index = due_.top().second;
    due_.pop();
    send(index, now);
  }
  // What is due and does not fit waits for a reply, not for a time.
  return due_.empty() || due_.top().first <= now ? kNever : due_.top().first;
}

void Checkout::send(Index index, UnixMillis now) {
  ++under_way_;
  ++errands_[index].attempts;
  switch (errands_[index].step) {
    case Step::kPay:
      return pay(index, now);
    case Step::kCancel:
      return cancel(index, now);
    case Step::kLook:
      return look(index, now);
  }
}

std::int64_t Checkout::delay_ms(const Errand& errand, UnixMillis now) const {
  if (errand.click->aftermath != Aftermath::kPaysLate || has_long_hold(errand, now)) return 0;
  return std::max<std::int64_t>(errand.pay_by + settings_.late_by.count() - now, 0);
}

void Checkout::pay(Index index, UnixMillis now) {
  const Errand& errand = errands_[index];
  const Aftermath aftermath = *errand.click->aftermath;
  const std::string body =
      fmt::format(R"("order":{},"amount_minor":{},"currency":{},"times":{},"delay_seconds":{:.3f})", json_quoted(errand.order),
                  errand.amount_minor + (aftermath == Aftermath::kPaysWrongly ? 1 : 0), json_quoted(errand.currency),
                  aftermath == Aftermath::kPaysTwice ? 2 : 1, static_cast<double>(delay_ms(errand, now)) / 1000.0);
  journal_.pay(now, errand.request, body);
  pool_.send({.tag = kTag | index,
              .path = "/shop/payments",
              .bearer = errand.buyer->token,
              .post = true,
              .body = "{" + body + "}",
              .time_out = settings_.time_out});
}

void Checkout::cancel(Index index, UnixMillis now) {
  const Errand& errand = errands_[index];
  journal_.cancel(now, errand.request, errand.attempts, errand.order);
  pool_.send({.tag = kTag | index,
              .path = fmt::format("/v1/orders/{}/cancel", errand.order),
              .bearer = errand.buyer->token,
              .post = true,
              .wait_seconds = kPatienceSeconds,
              .time_out = settings_.time_out});
}

void Checkout::look(Index index, UnixMillis now) {
  const Errand& errand = errands_[index];
  journal_.read(now, errand.request, errand.order);
  pool_.send({.tag = kTag | index,
              .path = "/v1/orders/" + errand.order,
              .bearer = errand.buyer->token,
              .time_out = settings_.time_out});
}

void Checkout::on_reply(const HttpReply& reply, UnixMillis now) {
  const Index index = reply.tag & ~kTag;
  CHECK(index < errands_.size());
  --under_way_;
  if (is_unknown(reply)) {
    const Errand& errand = errands_[index];
    journal_.unknown(now, errand.request, errand.attempts, reply.status, why_unknown(reply));
    tally_.unknown();
    return try_again(index, reply, now);
  }
  switch (errands_[index].step) {
    case Step::kPay:
      return on_paid(index, reply, now);
    case Step::kCancel:
      return on_cancelled(index, reply, now);
    case Step::kLook:
      return on_looked(index, reply, now);
  }
}

void Checkout::on_paid(Index index, const HttpReply& reply, UnixMillis now) {
  Errand& errand = errands_[index];
  journal_.pay_answer(now, errand.request, reply.status, read_answer(reply.body).json);
  if (reply.status != 200 && reply.status != 202) return end(fmt::format("http_{}", reply.status));
  ++errand.payments;
  if (errand.click->aftermath == Aftermath::kPaysAgain && errand.payments < 2) return schedule(index, now);
  if (errand.click->aftermath == Aftermath::kPaysWrongly) {
    if (has_long_hold(errand, now)) return end(kHeld);
    return look_from(index, errand.pay_by + settings_.look_after_hold.count());
  }
  errand.decided_at = now + delay_ms(errand, now) + (delay_ms(errand, now) > 0 ? settings_.look_again_after.count() : 0);
  look_from(index, errand.decided_at + settings_.look_again_after.count());
}

void Checkout::on_cancelled(Index index, const HttpReply& reply, UnixMillis now) {
  const Errand& errand = errands_[index];
  const Answer answer = read_answer(reply.body);
  journal_.cancel_answer(now, errand.request, errand.attempts, reply.status, answer.json);
  if (reply.status == 200) return end(answer.status);
  if (reply.status != 202) return end(fmt::format("http_{}", reply.status));
  look_from(index, now + settings_.look_again_after.count());
}

void Checkout::on_looked(Index index, const HttpReply& reply, UnixMillis now) {
  const Errand& errand = errands_[index];
  const Answer answer = read_answer(reply.body);
  journal_.told(now, errand.request, errand.order, reply.status, answer.json);
  if (reply.status != 200 || answer.status.empty()) return end(fmt::format("http_{}", reply.status));
  if (answer.status != kHeld && now >= errand.decided_at) return end(answer.status);
  if (now < errand.settled_by) return schedule(index, now + settings_.look_again_after.count());
  journal_.gave_up(now, errand.request, "the order is not settled in time");
  tally_.gave_up_order();
  end(answer.status);
}

void Checkout::try_again(Index index, const HttpReply& reply, UnixMillis now) {
  const Errand& errand = errands_[index];
  if (now >= errand.settled_by) {
    journal_.gave_up(now, errand.request, why_unknown(reply));
    tally_.gave_up_order();
    return end("unknown");
  }
  schedule(index, now + (reply.retry_after_seconds > 0 ? reply.retry_after_seconds * 1000 : settings_.retry_after.count()));
}

void Checkout::look_from(Index index, UnixMillis at) {
  errands_[index].step = Step::kLook;
  errands_[index].attempts = 0;
  schedule(index, at);
}

void Checkout::end(std::string_view status) {
  tally_.settled(status);
  --open_;
}

}  // namespace sluice
