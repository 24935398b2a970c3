#include "ledger/accepted_orders.h"

#include <algorithm>
#include <span>

#include "runtime/check.h"

namespace sluice {

bool AcceptedOrders::can_add(const Reservation& order) const {
  const auto offset = static_cast<std::uint64_t>(Ticket{order.id}.position().offset());
  return identity_.ticket(static_cast<Offset>(offset)).value == order.id && (size_ == 0 || at(size_ - 1).offset < offset) &&
         order.quantity <= kQuantityMax && order.content == order.quantity && order.user.size() <= kNameBytesMax;
}

void AcceptedOrders::add(const Reservation& order, LineNumber line, bool held, std::uint32_t aliases) {
  CHECK(can_add(order));
  append({.key = order.key.key,
          .offset = static_cast<std::uint64_t>(Ticket{order.id}.position().offset()),
          .quantity = order.quantity,
          .aliases = std::min(aliases, kAliasesPerOrderMax),
          .held = 0,
          .line = line,
          .next = kNone});
  index_.insert(order.key.hash, size_ - 1);
  if (held) hold_last(order);
}

const AcceptedOrders::Accepted* AcceptedOrders::find(const HashedKey& key) const {
  const auto found = index_.find(key.hash, [&](std::uint32_t number) { return at(number).key == key.key; });
  return found ? &at(*found) : nullptr;
}

void AcceptedOrders::add_alias(const HashedKey& key) {
  const auto found = index_.find(key.hash, [&](std::uint32_t number) { return at(number).key == key.key; });
  CHECK(found && at(*found).aliases < kAliasesPerOrderMax);
  ++at(*found).aliases;
}

std::optional<AcceptedOrders::Held> AcceptedOrders::find_held(std::uint64_t id) const {
  const auto number = number_of_held(id);
  if (!number) return std::nullopt;
  return Held{reservation_at(*number), at(*number).line};
}

std::vector<Reservation> AcceptedOrders::due(LineNumber line, UnixMillis through, std::uint32_t limit) const {
  std::vector<Reservation> due;
  if (!has_held(line)) return due;
  std::vector<std::uint32_t> firsts;
  for (const Queue& queue : queues_[line]) firsts.push_back(queue.first);
  const auto earlier = [this](std::uint32_t a, std::uint32_t b) {
    return std::pair(deadline_of(a), a) < std::pair(deadline_of(b), b);
  };
  while (due.size() < limit && !firsts.empty()) {
    const auto first = std::min_element(firsts.begin(), firsts.end(), earlier);
    if (deadline_of(*first) > through) break;
    due.push_back(reservation_at(*first));
    *first = next_held(at(*first).next);
    if (*first == kNone) firsts.erase(first);
  }
  return due;
}

void AcceptedOrders::close(std::uint64_t id) {
  const auto number = number_of_held(id);
  if (!number) return;
  Accepted& accepted = at(*number);
  const std::uint32_t hold_seconds = terms_of(*number).hold_seconds;
  accepted.held = 0;
  --held_count_;
  --chunks_[*number / kChunk].held;
  drop_from_queue(accepted.line, hold_seconds);
  free_if_done(*number / kChunk);
}

// What stays is packed again. It takes some 20 ns for each, and a sale is replaced when it is over and nothing of it is held.
void AcceptedOrders::forget(LineNumber line) {
  CHECK(!has_held(line));
  if (line >= counts_.size() || counts_[line] == 0) return;
  AcceptedOrders kept(identity_);
  kept.index_.reserve(size_ - counts_[line]);
  for (std::uint32_t number = 0; number < size_; ++number) {
    const Accepted& accepted = at(number);
    if (accepted.line == line) continue;
    Accepted copy = accepted;
    copy.held = 0;
    copy.next = kNone;
    kept.append(copy);
    kept.index_.insert(HashedKey(copy.key).hash, kept.size_ - 1);
    if (accepted.held) kept.hold_last(reservation_at(number));
    if (number % kChunk == kChunk - 1) chunks_[number / kChunk] = Chunk();
  }
  *this = std::move(kept);
}

void AcceptedOrders::for_each(const std::function<void(const Accepted&)>& visit) const {
  for (std::uint32_t number = 0; number < size_; ++number) visit(at(number));
}

Reservation AcceptedOrders::reservation_at(std::uint32_t number) const {
  const Accepted& accepted = at(number);
  const HeldTerms& terms = terms_of(number);
  const std::string_view users = chunks_[number / kChunk].users;
  const std::string_view user = users.substr(terms.user_begin, terms.user_size);
  return {.id = id_of(accepted),
          .user = user,
          .user_key = user_fingerprint(user),
          .quantity = static_cast<std::uint32_t>(accepted.quantity),
          .amount_minor = terms.amount_minor,
          .created = terms.created,
          .hold_seconds = terms.hold_seconds,
          .key = accepted.key,
          .content = accepted.quantity};
}

UnixMillis AcceptedOrders::deadline_of(std::uint32_t number) const {
  const HeldTerms& terms = terms_of(number);
  return terms.created + UnixMillis{1000} * terms.hold_seconds;
}

std::optional<std::uint32_t> AcceptedOrders::number_of_held(std::uint64_t id) const {
  const auto offset = static_cast<std::uint64_t>(Ticket{id}.position().offset());
  if (identity_.ticket(static_cast<Offset>(offset)).value != id) return std::nullopt;
  const auto after = std::ranges::upper_bound(first_offsets_, offset);
  if (after == first_offsets_.begin()) return std::nullopt;
  const auto chunk = static_cast<std::uint32_t>(after - first_offsets_.begin() - 1);
  const std::span<const Accepted> orders(chunks_[chunk].orders.get(), std::min(kChunk, size_ - chunk * kChunk));
  const auto found = std::ranges::lower_bound(orders, offset, {}, [](const Accepted& a) { return std::uint64_t{a.offset}; });
  if (found == orders.end() || found->offset != offset || !found->held) return std::nullopt;
  return chunk * kChunk + static_cast<std::uint32_t>(found - orders.begin());
}

void AcceptedOrders::append(const Accepted& accepted) {
  CHECK(size_ < kNone);
  if (size_ == chunks_.size() * kChunk) {
    chunks_.emplace_back().orders = std::make_unique_for_overwrite<Accepted[]>(kChunk);
    first_offsets_.push_back(accepted.offset);
  }
  at(size_++) = accepted;
  if (counts_.size() <= accepted.line) {
    counts_.resize(accepted.line + 1);
    queues_.resize(accepted.line + 1);
  }
  ++counts_[accepted.line];
  if (size_ % kChunk == 0) free_if_done(size_ / kChunk - 1);
}

void AcceptedOrders::hold_last(const Reservation& order) {
  const std::uint32_t number = size_ - 1;
  Accepted& accepted = at(number);
  Chunk& chunk = chunks_[number / kChunk];
  if (!chunk.terms) chunk.terms = std::make_unique_for_overwrite<HeldTerms[]>(kChunk);
  chunk.terms[number % kChunk] = {.created = order.created,
                                  .amount_minor = order.amount_minor,
                                  .hold_seconds = order.hold_seconds,
                                  .user_begin = static_cast<std::uint32_t>(chunk.users.size()) & 0xFFFFFFU,
                                  .user_size = static_cast<std::uint32_t>(order.user.size()) & 0xFFU};
  chunk.users += order.user;
  ++chunk.held;
  ++held_count_;
  accepted.held = 1;
  if (number % kChunk == kChunk - 1) chunk.users.shrink_to_fit();

  std::vector<Queue>& queues = queues_[accepted.line];
  const auto queue = std::ranges::find(queues, order.hold_seconds, &Queue::hold_seconds);
  if (queue == queues.end()) {
    queues.push_back({order.hold_seconds, number, number});
  } else {
    at(queue->last).next = number;
    queue->last = number;
  }
}

// From `number` on along the chain.
std::uint32_t AcceptedOrders::next_held(std::uint32_t number) const {
  while (number != kNone && !at(number).held) number = at(number).next;
  return number;
}

void AcceptedOrders::drop_from_queue(LineNumber line, std::uint32_t hold_seconds) {
  std::vector<Queue>& queues = queues_[line];
  const auto queue = std::ranges::find(queues, hold_seconds, &Queue::hold_seconds);
  CHECK(queue != queues.end());
  queue->first = next_held(queue->first);
  if (queue->first == kNone) queues.erase(queue);
}

// A chunk that is not full may have to hold the next one.
void AcceptedOrders::free_if_done(std::uint32_t chunk) {
  Chunk& done = chunks_[chunk];
  if (done.held > 0 || (chunk + 1) * kChunk > size_) return;
  done.terms.reset();
  done.users = std::string();
}

}  // namespace sluice
