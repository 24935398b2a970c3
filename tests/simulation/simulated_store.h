// Adapter (simulation): a lane's local store over rows in memory that outlive the process, or do not. It writes behind, as the
// real one does: a crash loses the last writes, and the error of one is told by a later call.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger_store.h"
#include "tests/ledger/rows_in_memory.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/simulated_broker.h"

namespace sluice::simulation {

using Rows = RowsInMemory::Rows;

// What is on the disk of one machine.
struct Disk {
  Rows rows;
  std::deque<Rows> copies;    // older states that it could go back to
  bool tears_writes = false;  // a broken one: a crash leaves half of a write
  bool of_another_log = false;
};

void write_rows(const RowWrites& writes, Rows& rows);

class SimulatedStore : public LedgerStore {
 public:
  // `redoing`: whether the lane is in its start. `judge` sees every write before it has an effect, and throws if it must not
  // happen.
  SimulatedStore(Disk& disk, SimulatedBroker& broker, FaultyCalls& calls, std::function<bool()> redoing,
                 std::function<void(const RowWrites&)> judge)
      : disk_(disk), broker_(broker), calls_(calls), redoing_(std::move(redoing)), judge_(std::move(judge)) {}
  // Finishes what was called; but a crash leaves only the first of it.
  ~SimulatedStore() override;
  SimulatedStore(const SimulatedStore&) = delete;
  SimulatedStore& operator=(const SimulatedStore&) = delete;

  Result<void> scan_range(std::string_view first, std::string_view end, const RowVisit& visit) override;
  Result<std::vector<std::optional<std::string>>> get(const std::vector<std::string>& keys) override;
  Result<void> find_at_or_before(
      const std::vector<std::string>& keys,
      const std::function<void(std::size_t i, std::string_view key, std::string_view value)>& visit) override;
  Result<void> write(RowWrites writes) override;
  Result<void> failed_write() override;

  // As a scan of the view's thread sees them, which waits for the writes before; null if one has failed. Throws if they are
  // another log's: the view would never be rid of them.
  const Rows* settled_rows();

 private:
  void write_first();
  void settle();

  Disk& disk_;
  SimulatedBroker& broker_;
  FaultyCalls& calls_;
  std::function<bool()> redoing_;
  std::function<void(const RowWrites&)> judge_;
  std::deque<RowWrites> waiting_;
  std::optional<Error> failure_;
};

}  // namespace sluice::simulation
