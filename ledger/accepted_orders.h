// Pure: the purchases that the running sales accepted: found by the request key and by the order's id, and, while they are
// held, by their deadline. There is one for each unit that may ever be sold, so they lie packed, in the order of the log:
//
//   Accepted   32 bytes, as long as the sale     key, id, quantity, number of aliases
//   Held       24 bytes and the user's name, until it is paid, cancelled or released; given back by the thousand
//   index      8 bytes, at most three quarters full
//
// and nothing is ever moved or copied while they grow. All that is held of a SKU for equally long ends in the order in which it
// came; so deadlines need no sorting, only a chain through the orders.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/fingerprint_index.h"
#include "ledger/ledger_identity.h"
#include "ledger/reservation.h"
#include "schemas/intent_format.h"

namespace sluice {

// The first duplicates of an order get a row that resolves them; a click storm gets no more.
inline constexpr std::uint32_t kAliasesPerOrderMax = 16;

class AcceptedOrders {
 public:
  using LineNumber = std::uint32_t;  // which of the partition's lines

  // A purchase that was accepted, whatever became of it.
  struct Accepted {
    Fingerprint key;
    std::uint64_t offset : kOffsetBits;
    std::uint64_t quantity : 10;  // also the content of the request
    std::uint64_t aliases : 5;    // duplicates that can be used in place of the order's id
    std::uint64_t held : 1;
    LineNumber line;
    std::uint32_t next;  // that is held as long, of the same line; what was held and is not any more stays until it is first
  };
  static_assert(kQuantityMax < 1U << 10 && kAliasesPerOrderMax < 1U << 5);

  explicit AcceptedOrders(LedgerIdentity identity) : identity_(identity) {}

  // Whether add takes it: what a damaged store may hold besides is not taken.
  bool can_add(const Reservation& order) const;
  // The next one of the log. REQUIRES: can_add(order).
  void add(const Reservation& order, LineNumber line, bool held = true, std::uint32_t aliases = 0);

  // The one with this request key, or nothing. The pointer is good until something is added or forgotten.
  const Accepted* find(const HashedKey& key) const;
  std::uint64_t id_of(const Accepted& accepted) const { return identity_.ticket(static_cast<Offset>(accepted.offset)).value; }
  void add_alias(const HashedKey& key);  // REQUIRES: there is one

  struct Held {
    Reservation order;  // its user's name is good until the order is closed
    LineNumber line;
  };
  std::optional<Held> find_held(std::uint64_t id) const;
  bool is_held(std::uint64_t id) const { return number_of_held(id).has_value(); }
  bool has_held(LineNumber line) const { return line < queues_.size() && !queues_[line].empty(); }
  std::size_t held() const { return held_count_; }
  // At most `limit` held ones of the line with a deadline at or before `through`, the earliest first.
  std::vector<Reservation> due(LineNumber line, UnixMillis through, std::uint32_t limit) const;
  // It is no longer held; nothing happens if it was not.
  void close(std::uint64_t id);

  // The line's next sale begins: requests of the last one mean nothing any more. REQUIRES: none of it is held.
  void forget(LineNumber line);

  void prefetch(const HashedKey& key) const { index_.prefetch(key.hash); }
  void reserve(std::size_t orders) { index_.reserve(orders); }
  std::size_t size() const { return size_; }
  void for_each(const std::function<void(const Accepted&)>& visit) const;

 private:
  static constexpr std::uint32_t kChunk = 1024;
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  struct HeldTerms {
    UnixMillis created;
    std::int64_t amount_minor;
    std::uint32_t hold_seconds;
    std::uint32_t user_begin : 24;  // in `users`
    std::uint32_t user_size : 8;
  };
  // Arrays of whole pages, apart from each other: an allocator rounds up what is larger.
  struct Chunk {
    std::unique_ptr<Accepted[]> orders;
    std::unique_ptr<HeldTerms[]> terms;  // these two only while some are held
    std::string users;
    std::uint32_t held = 0;
  };
  // What a line holds for equally long.
  struct Queue {
    std::uint32_t hold_seconds;
    std::uint32_t first;  // this one is held
    std::uint32_t last;
  };

  Accepted& at(std::uint32_t number) const { return chunks_[number / kChunk].orders[number % kChunk]; }
  const HeldTerms& terms_of(std::uint32_t number) const { return chunks_[number / kChunk].terms[number % kChunk]; }
  Reservation reservation_at(std::uint32_t number) const;
  UnixMillis deadline_of(std::uint32_t number) const;
  std::optional<std::uint32_t> number_of_held(std::uint64_t id) const;

  void append(const Accepted& accepted);
  void hold_last(const Reservation& order);
  std::uint32_t next_held(std::uint32_t number) const;
  void drop_from_queue(LineNumber line, std::uint32_t hold_seconds);
  void free_if_done(std::uint32_t chunk);

  LedgerIdentity identity_;
  FingerprintIndex index_;
  std::vector<Chunk> chunks_;
  std::vector<std::uint64_t> first_offsets_;  // of the chunks
  std::vector<std::vector<Queue>> queues_;    // by line
  std::vector<std::uint32_t> counts_;         // by line
  std::uint32_t size_ = 0;
  std::size_t held_count_ = 0;
};

}  // namespace sluice
