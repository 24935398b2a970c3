#include "ingest/redis_orders.h"

#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "runtime/clock.h"
#include "runtime/log.h"
#include "schemas/redis_keys.h"

namespace sluice {
namespace {

constexpr std::size_t kQuestionsMax = 4096;
constexpr std::int64_t kPauseNanos = 500'000'000;  // between two attempts to connect; meanwhile the answer is "not telling"

template <typename T>
std::optional<T> number(const RedisHash& hash, std::string_view field) {
  const auto found = hash.find(field);
  if (found == hash.end()) return std::nullopt;
  T value{};
  const std::string& text = found->second;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string text(const RedisHash& hash, std::string_view field) {
  const auto found = hash.find(field);
  return found == hash.end() ? std::string() : found->second;
}

v1::OrderStatus status_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, v1::OrderStatus>, 5> kNames = {{{"held", v1::HELD},
                                                                                   {"paid", v1::PAID},
                                                                                   {"cancelled", v1::CANCELLED},
                                                                                   {"released", v1::RELEASED},
                                                                                   {"refunded", v1::REFUNDED}}};
  for (const auto& [known, status] : kNames) {
    if (known == name) return status;
  }
  return v1::ORDER_STATUS_UNSPECIFIED;
}

// Nothing: the hash is not what the contract says, and must not be told to a buyer.
std::optional<OrderView> order_of(const RedisHash& hash) {
  const auto quantity = number<std::uint32_t>(hash, redis_keys::kQuantity);
  const auto amount = number<std::int64_t>(hash, redis_keys::kAmountMinor);
  const auto deadline = number<std::int64_t>(hash, redis_keys::kDeadlineMs);
  const v1::OrderStatus status = status_of(text(hash, redis_keys::kStatus));
  if (!quantity || !amount || !deadline || status == v1::ORDER_STATUS_UNSPECIFIED) return std::nullopt;
  return OrderView{.status = status,
                   .sku = text(hash, redis_keys::kSku),
                   .user = text(hash, redis_keys::kUser),
                   .quantity = *quantity,
                   .amount_minor = *amount,
                   .currency = text(hash, redis_keys::kCurrency),
                   .pay_by = *deadline};
}

}  // namespace

RedisOrders::RedisOrders(RedisAddress address, const Doorbell& bell)
    : address_(std::move(address)), bell_(bell), questions_(kQuestionsMax), answers_(kQuestionsMax), thread_([this] {
        run();
      }) {}

RedisOrders::~RedisOrders() {
  questions_.close();
  answers_.close();
  thread_.join();
}

bool RedisOrders::ask(Ticket order, Exchange asked_by) { return questions_.try_push({order, asked_by}); }

void RedisOrders::answered(std::vector<StoredOrder>& into) {
  while (auto answer = answers_.try_pop()) into.push_back(std::move(*answer));
}

void RedisOrders::run() {
  while (const auto question = questions_.pop()) {
    if (!answers_.push(look_up(*question))) return;
    bell_.ring();
  }
}

StoredOrder RedisOrders::look_up(const Question& question) {
  StoredOrder unknown{.asked_by = question.asked_by};
  if (!connection_ && steady_nanos() < retry_at_ns_) return unknown;
  Result<StoredOrder> found = read(question);
  if (found.ok() != std::exchange(reachable_, found.ok())) {
    if (found) log_info("Redis at {}:{} answers again", address_.host, address_.port);
    if (!found) log_warning("older orders cannot be read: {}", found.error().message);
  }
  if (found) return *std::move(found);
  connection_.reset();
  retry_at_ns_ = steady_nanos() + kPauseNanos;
  return unknown;
}

// First how far the view is, then the order: the view writes orders before its progress, so what it had covered is there when
// the order is looked for.
Result<StoredOrder> RedisOrders::read(const Question& question) {
  if (!connection_) {
    auto opened = RedisConnection::open(address_);
    if (!opened) return opened.error();
    connection_.emplace(std::move(*opened));
  }
  StoredOrder stored{.asked_by = question.asked_by};
  const auto progress = connection_->hash(redis_keys::progress(question.order.partition()));
  if (!progress) return progress.error();
  const auto hash = connection_->hash(redis_keys::order(question.order));
  if (!hash) return hash.error();
  if (!hash->empty()) {
    const std::optional<OrderView> order = order_of(*hash);
    if (!order) return stored;
    stored.known = StoredOrder::Known::kFound;
    stored.order = *order;
    return stored;
  }
  const auto next = number<std::uint64_t>(*progress, redis_keys::kVersion);
  const bool covered = next && Position{*next} > question.order.position();
  if (covered) stored.known = StoredOrder::Known::kMissing;
  return stored;
}

}  // namespace sluice
