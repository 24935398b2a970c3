// Shell: a store that writes in a thread of its own, while the lane goes on with the next batch. The log has what is not
// written yet, so a crash in between costs a longer redo and nothing else.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "ledger/ledger_store.h"
#include "runtime/result.h"

namespace sluice {

class OverlappedStore : public LedgerStore {
 public:
  // A full transaction's pieces; with so many waiting, write() waits too.
  static constexpr std::size_t kWaitingMax = 20;

  // Starts the thread.
  explicit OverlappedStore(std::unique_ptr<LedgerStore> store);
  // Finishes what was called.
  ~OverlappedStore() override;
  OverlappedStore(const OverlappedStore&) = delete;
  OverlappedStore& operator=(const OverlappedStore&) = delete;

  // They wait for the writes that were called before them, and for no later ones.
  Result<void> scan_range(std::string_view first, std::string_view end, const RowVisit& visit) override;
  Result<std::vector<std::optional<std::string>>> get(const std::vector<std::string>& keys) override;
  Result<void> find_at_or_before(
      const std::vector<std::string>& keys,
      const std::function<void(std::size_t i, std::string_view key, std::string_view value)>& visit) override;

  // Once a write has failed, nothing more is written, and every call tells that error.
  Result<void> write(RowWrites writes) override;
  Result<void> failed_write() override;

 private:
  void run();
  Result<void> wait_for_earlier_writes();

  const std::unique_ptr<LedgerStore> store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<RowWrites> waiting_;  // the first one is being written
  std::uint64_t called_ = 0;       // writes, since the start
  std::uint64_t done_ = 0;         // of them
  std::optional<Error> failure_;
  bool ending_ = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace sluice
