// Pure: the request keys of refused purchases, kept so that a refused request stays refused (invariant I4). Bounded in count
// and in log time; what it holds is a function of the log alone.
//
// A flood of refusals goes through here, so a refusal takes 32 bytes in the order of the log and 8 in an index, and the oldest
// give their memory to the newest.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "ledger/fingerprint_index.h"
#include "ledger/ledger_identity.h"
#include "schemas/ids.h"
#include "schemas/intent_format.h"
#include "schemas/order_record.pb.h"

namespace sluice {

class RefusalWindow {
 public:
  struct Refusal {
    Offset offset;          // of the intent that was refused first
    std::uint64_t content;  // at most kQuantityMax: only purchases are kept here
    v1::Reason reason;
  };

  // Part of the rules: another bound gives other verdicts.
  static constexpr std::size_t kRefusalsMax = std::size_t{1} << 21;
  static constexpr UnixMillis kKeepMillis = UnixMillis{10} * 60 * 1000;

  explicit RefusalWindow(std::size_t refusals_max = kRefusalsMax) : refusals_max_(refusals_max) {}

  // Forgets what is too old at `log_time`. Call with the log time of every intent, before find and keep.
  void forget_before(UnixMillis log_time) {
    while (size_ > 0 && static_cast<UnixMillis>(at(first_).log_time) + kKeepMillis <= log_time) forget_first();
  }

  std::optional<Refusal> find(const HashedKey& key) const;

  // Has the memory that find(key) reads fetched.
  void prefetch(const HashedKey& key) const { index_.prefetch(key.hash); }

  // The first refusal of a key is the one that stays.
  void keep(const HashedKey& key, const Refusal& refusal, UnixMillis log_time);

  // Offset of the oldest intent that the window remembers, or `otherwise` if it is empty.
  Offset first_offset(Offset otherwise) const { return size_ == 0 ? otherwise : static_cast<Offset>(at(first_).offset); }
  std::size_t size() const { return size_; }

 private:
  struct Entry {
    Fingerprint key;
    std::uint64_t offset : kOffsetBits;
    std::uint64_t content : 20;
    std::uint64_t log_time : 48;
    std::uint64_t reason : 16;
  };
  static_assert(kQuantityMax < 1U << 20 && v1::Reason_MAX < 1 << 16);
  static constexpr std::uint32_t kChunk = 1024;  // entries

  // Entries are numbered in the order in which they came; numbers begin again after 2^32, when the first ones are long gone.
  Entry& at(std::uint32_t number) const { return chunks_[(number - chunks_begin_) / kChunk][number % kChunk]; }
  void forget_first();

  std::size_t refusals_max_;
  std::size_t size_ = 0;
  std::uint32_t first_ = 0;
  std::uint32_t chunks_begin_ = 0;  // number of the first entry of the first chunk
  std::deque<std::unique_ptr<Entry[]>> chunks_;
  FingerprintIndex index_;
};

}  // namespace sluice
