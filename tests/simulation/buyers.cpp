#include "tests/simulation/buyers.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tests/ingest/sluice_signature.h"

namespace sluice::simulation {
namespace {

constexpr std::size_t kOpenMax = 12;
constexpr UnixMillis kMillisPerSecond = 1000;

}  // namespace

Buyers::Buyers(Surroundings& surroundings, Crowd& crowd, const PublicIds& ids, std::string webhook_secret)
    : surroundings_(surroundings),
      crowd_(crowd),
      ids_(ids),
      webhook_secret_(std::move(webhook_secret)),
      hearing_(surroundings, ids) {}

// ---- what they want

void Buyers::act(const std::function<void(Asking)>& ask) {
  if (open_.size() >= kOpenMax) return;
  want_something(ask);
  // The second click of somebody impatient.
  if (!wishes_.empty() && surroundings_.dice.chance(0.15)) ask(purchase(surroundings_.dice.below(wishes_.size())));
}

void Buyers::want_something(const std::function<void(Asking)>& ask) {
  Dice& dice = surroundings_.dice;
  if (wishes_.empty() || dice.chance(0.3)) {
    new_wish();
    return ask(purchase(wishes_.size() - 1));
  }
  const std::size_t recent = std::min<std::size_t>(wishes_.size(), 12);
  const std::size_t which = dice.chance(0.7) ? wishes_.size() - 1 - dice.below(recent) : dice.below(wishes_.size());
  Wish& wish = wishes_[which];
  const std::int64_t roll = dice.between(0, 99);
  if (roll < 2 && !wish.ticket.empty()) return ask(pry(which));
  if (roll < 35) return ask(wish.ticket.empty() ? purchase(which) : read(which));
  if (roll < 60 && !wish.order.empty()) {
    if (!wish.paying || dice.chance(0.1)) new_payment(wish);
    wish.paying = true;
    return ask(pay(payments_.size() - 1));
  }
  if (roll < 75 && !payments_.empty()) return ask(pay(dice.below(payments_.size())));
  if (roll < 85 && !wish.order.empty()) return ask(cancel(which));
  if (roll < 95) return ask(read_stock());
  ask(adjust_stock());
}

void Buyers::insist(const std::function<void(Asking)>& ask) {
  std::set<std::pair<Kind, std::size_t>> asked;
  for (const auto& [id, open] : open_) asked.emplace(open.kind == Kind::kRead ? Kind::kPurchase : open.kind, open.subject);
  for (std::size_t i = 0; i < wishes_.size() && open_.size() < kOpenMax; ++i) {
    if (wishes_[i].final || asked.contains({Kind::kPurchase, i})) continue;
    ask(wishes_[i].ticket.empty() ? purchase(i) : read(i));
  }
  for (std::size_t i = 0; i < payments_.size() && open_.size() < kOpenMax; ++i) {
    if (!payments_[i].received && !asked.contains({Kind::kPay, i})) ask(pay(i));
  }
}

void Buyers::new_wish() {
  Dice& dice = surroundings_.dice;
  wishes_.push_back({.asked = {.user = crowd_.user(),
                               .key = "tap-" + std::to_string(dice.between(1, 400)),
                               .sku = crowd_.sku_of_ours(),
                               .quantity = static_cast<int>(dice.between(1, 3))}});
}

void Buyers::new_payment(const Wish& wish) {
  const std::optional<Ticket> order = ids_.read(wish.order, wish.asked.user);
  const auto& orders = surroundings_.witness.judge().model().orders();
  const auto known = orders.find(order->value);
  if (known == orders.end()) throw Violation("I4: ingest told of an order that nobody made");
  const bool wrong = surroundings_.dice.chance(0.05);
  payments_.push_back({.id = fmt::format("transfer-{}", payments_.size()),
                       .order = wish.order,
                       .amount = known->second.row.amount_minor() + (wrong ? 1 : 0),
                       .currency = known->second.row.currency()});
}

// ---- how they ask

Asking Buyers::begin(Kind kind, std::size_t subject, std::string sku) {
  Asking asking;
  asking.id = ++last_asking_;
  asking.method = "POST";
  asking.path = "/v1/orders";
  open_[asking.id] = {kind, subject, std::move(sku)};
  return asking;
}

Asking Buyers::purchase(std::size_t wish) {
  const Purchasing& asked = wishes_[wish].asked;
  Asking asking = begin(Kind::kPurchase, wish);
  asking.authorization = "Bearer " + asked.user;
  asking.key = asked.key;
  if (surroundings_.dice.chance(0.5)) asking.prefer = "wait=2";
  asking.body = fmt::format(R"({{"sku":"{}","quantity":{}}})", asked.sku, asked.quantity);
  return asking;
}

Asking Buyers::read(std::size_t wish) {
  Asking asking = begin(Kind::kRead, wish);
  asking.method = "GET";
  asking.path = "/v1/orders/" + wishes_[wish].ticket;
  asking.authorization = "Bearer " + wishes_[wish].asked.user;
  if (surroundings_.broker.calm || surroundings_.dice.chance(0.5)) asking.prefer = "wait=2";
  return asking;
}

Asking Buyers::pry(std::size_t which) {
  const Wish& wish = wishes_[which];
  Asking asking = begin(Kind::kPry, which);
  asking.method = "GET";
  asking.path = "/v1/orders/" + (wish.order.empty() ? wish.ticket : wish.order);
  asking.authorization = "Bearer somebody-else";
  return asking;
}

// Signed anew at each delivery, as the gateway must.
Asking Buyers::pay(std::size_t which) {
  const Payment& payment = payments_[which];
  Asking asking = begin(Kind::kPay, which);
  asking.path = "/v1/payments/webhook";
  asking.body = fmt::format(R"({{"payment_id":"{}","order":"{}","amount_minor":{},"currency":"{}"}})", payment.id,
                            payment.order, payment.amount, payment.currency);
  asking.signature = sluice_signature(webhook_secret_, surroundings_.now / kMillisPerSecond, asking.body);
  return asking;
}

Asking Buyers::cancel(std::size_t wish) {
  Asking asking = begin(Kind::kCancel, wish);
  asking.path = fmt::format("/v1/orders/{}/cancel", wishes_[wish].order);
  asking.authorization = "Bearer " + wishes_[wish].asked.user;
  if (surroundings_.dice.chance(0.5)) asking.prefer = "wait=2";
  return asking;
}

Asking Buyers::read_stock() {
  const std::string sku = crowd_.sku_of_ours();
  Asking asking = begin(Kind::kStock, 0, sku);
  asking.method = "GET";
  asking.path = "/v1/skus/" + sku;
  return asking;
}

Asking Buyers::adjust_stock() {
  Dice& dice = surroundings_.dice;
  Asking asking = begin(Kind::kAct, 0);
  asking.path = fmt::format("/v1/admin/skus/{}/stock", crowd_.sku_of_ours());
  asking.authorization = "Bearer administrator";
  asking.key = "count-" + std::to_string(dice.between(1, 200));
  asking.body =
      fmt::format(R"({{"delta":{},"reason":"counted"}})", dice.chance(0.5) ? dice.between(1, 5) : dice.between(-5, -1));
  return asking;
}

// ---- what they hear

void Buyers::cut_off(std::uint64_t asking) { open_.erase(asking); }

void Buyers::answered(std::uint64_t asking, const HttpAnswer& answer) {
  const auto found = open_.find(asking);
  if (found == open_.end()) throw Violation("I3: a request was answered twice: " + answer.body);
  const Open open = found->second;
  open_.erase(found);
  if (answer.status == 503) return;  // they ask again
  const bool ok = answer.status == 200 || answer.status == 202;
  switch (open.kind) {
    case Kind::kPurchase:
    case Kind::kRead:
      if (!ok) throw Violation(fmt::format("I3: a purchase is answered with {}: {}", answer.status, answer.body));
      return hear_wish(wishes_[open.subject], answer);
    case Kind::kPry:
      if (ok) throw Violation("ingest shows a stranger what is not theirs: " + answer.body);
      return;
    case Kind::kPay:
      if (answer.status == 401) return;  // it was under way for too long, and is signed anew
      if (answer.status != 200)
        throw Violation(fmt::format("I8: a payment is answered with {}: {}", answer.status, answer.body));
      payments_[open.subject].received = true;
      return;
    case Kind::kCancel:
      if (answer.status == 200) hearing_.order(wishes_[open.subject].asked.user, answer);
      return;
    case Kind::kStock:
      if (answer.status == 200) hearing_.sku(open.sku, answer);
      return;
    case Kind::kAct:
      if (answer.status == 200) hearing_.act(answer);
      return;
  }
}

// One verdict: whatever is told later, of whichever ticket, is the same end.
void Buyers::hear_wish(Wish& wish, const HttpAnswer& answer) {
  const Told told = hearing_.purchase(wish.asked, answer);
  wish.ticket = told.ticket;
  if (told.status == "pending") return;
  wish.final = true;
  if (told.order.empty()) return;
  if (!wish.order.empty() && wish.order != told.order && of_one_sale(wish, told.order)) {
    throw Violation(fmt::format("I4: {} was told of the order {} and then of {}", wish.asked.user, wish.order, told.order));
  }
  wish.order = told.order;
}

// Keys of accepted purchases live as long as their sale.
bool Buyers::of_one_sale(const Wish& wish, const std::string& order) const {
  const auto& orders = surroundings_.witness.judge().model().orders();
  const auto sale_of = [&](const std::string& id) { return orders.at(ids_.read(id, wish.asked.user)->value).row.sale_id(); };
  return sale_of(wish.order) == sale_of(order);
}

// ---- what they have in the end

bool Buyers::satisfied() const {
  const auto has_end = [](const Wish& wish) { return wish.final; };
  const auto was_taken = [](const Payment& payment) { return payment.received; };
  return open_.empty() && std::all_of(wishes_.begin(), wishes_.end(), has_end) &&
         std::all_of(payments_.begin(), payments_.end(), was_taken);
}

std::string Buyers::unsatisfied() const {
  std::string who = fmt::format("{} requests are open", open_.size());
  for (const Wish& wish : wishes_) {
    if (!wish.final)
      return who + fmt::format(", {} has no verdict on {} (ticket '{}')", wish.asked.user, wish.asked.key, wish.ticket);
  }
  for (const Payment& payment : payments_) {
    if (!payment.received) return who + ", a payment was not taken: " + payment.id;
  }
  return who;
}

void Buyers::judge_money() const {
  const auto& ended = surroundings_.witness.judge().model().payments();
  for (const Payment& payment : payments_) {
    const auto found = ended.find(payment.id);
    if (payment.received && found == ended.end()) throw Violation("I8: a payment was received and has no end: " + payment.id);
  }
}

}  // namespace sluice::simulation
