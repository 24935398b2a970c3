#include "ledger/refusal_window.h"

#include "runtime/check.h"

namespace sluice {

std::optional<RefusalWindow::Refusal> RefusalWindow::find(const HashedKey& key) const {
  const auto found = index_.find(key.hash, [&](std::uint32_t number) { return at(number).key == key.key; });
  if (!found) return std::nullopt;
  const Entry& entry = at(*found);
  return Refusal{static_cast<Offset>(entry.offset), entry.content, static_cast<v1::Reason>(entry.reason)};
}

void RefusalWindow::keep(const HashedKey& key, const Refusal& refusal, UnixMillis log_time) {
  CHECK(refusal.content <= kQuantityMax);
  if (find(key)) return;
  const std::uint32_t number = first_ + static_cast<std::uint32_t>(size_);
  if (number - chunks_begin_ == chunks_.size() * kChunk) {
    chunks_.push_back(std::make_unique_for_overwrite<Entry[]>(kChunk));
  }
  at(number) = {.key = key.key,
                .offset = static_cast<std::uint64_t>(refusal.offset) & static_cast<std::uint64_t>(kOffsetMax),
                .content = refusal.content & 0xFFFFFU,
                .log_time = static_cast<std::uint64_t>(log_time) & 0xFFFFFFFFFFFFU,
                .reason = static_cast<std::uint64_t>(refusal.reason) & 0xFFFFU};
  index_.insert(key.hash, number);
  if (++size_ > refusals_max_) forget_first();
}

void RefusalWindow::forget_first() {
  const HashedKey key = at(first_).key;
  index_.erase(key.hash, first_);
  ++first_;
  --size_;
  // The index's memory for one that goes soon is on its way until then.
  constexpr std::uint32_t kSoon = 16;
  if (size_ > kSoon) index_.prefetch(HashedKey(at(first_ + kSoon).key).hash);
  if (first_ - chunks_begin_ < kChunk) return;
  chunks_begin_ += kChunk;
  chunks_.push_back(std::move(chunks_.front()));
  chunks_.pop_front();
  if (size_ + 2 * kChunk < chunks_.size() * kChunk) chunks_.pop_back();  // the window has become smaller
}

}  // namespace sluice
