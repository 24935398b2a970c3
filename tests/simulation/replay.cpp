#include "tests/simulation/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "ledger/row_fetch.h"
#include "ledger/store_rows.h"
#include "tests/ledger/orders_apart.h"
#include "tests/simulation/simulated_background.h"

namespace sluice::simulation {
namespace {

v1::OrderRecord parsed(const std::string& bytes) {
  v1::OrderRecord record;
  if (!record.ParseFromString(bytes)) throw Violation("a record cannot be parsed");
  return record;
}

void fetch(const LedgerState& state, std::span<const IntentMessage> intents, Rows& rows, WorkingSet& working) {
  RowsInMemory store(rows);
  for (;;) {
    const std::vector<std::string> missing = missing_rows(state, intents, working);
    if (missing.empty()) return;
    if (!fetch_rows(store, missing, working)) throw Violation("a row cannot be read");
  }
}

void add_all(const Rows& rows, WorkingSet& working) {
  for (const auto& [key, value] : with_orders_apart(rows)) {
    if (!key.starts_with(kOrderRows) && !key.starts_with(kPaymentRows)) continue;
    if (!add_row(working, key, value)) throw Violation("a row cannot be read");
  }
}

bool same_line(const StockLine& a, const StockLine& b) {
  return a.stock.counters.SerializeAsString() == b.stock.counters.SerializeAsString() &&
         a.stock.sale.SerializeAsString() == b.stock.sale.SerializeAsString() && a.stock.opened_slots == b.stock.opened_slots &&
         a.stock.frozen == b.stock.frozen && a.stock.version == b.stock.version && a.units_of_user == b.units_of_user;
}

std::string difference_of_orders(const LedgerState& a, const LedgerState& b) {
  if (a.accepted.size() != b.accepted.size() || a.accepted.held() != b.accepted.held()) return "number of orders";
  std::string different;
  a.accepted.for_each([&](const AcceptedOrders::Accepted& mine) {
    const std::uint64_t id = a.accepted.id_of(mine);
    const AcceptedOrders::Accepted* theirs = b.accepted.find(mine.key);
    if (theirs == nullptr || b.accepted.id_of(*theirs) != id || theirs->quantity != mine.quantity ||
        theirs->aliases != mine.aliases || theirs->held != mine.held) {
      different = fmt::format("accepted request of order {}", id);
    } else if (mine.held && a.held_order(id)->SerializeAsString() != b.held_order(id)->SerializeAsString()) {
      different = fmt::format("held order {}", id);
    }
  });
  return different;
}

// What differs between two ledgers' memories; empty if nothing does.
std::string difference(const LedgerState& a, const LedgerState& b) {
  if (a.next != b.next || a.digest != b.digest || a.log_time != b.log_time) return "position";
  if (a.lines.size() != b.lines.size()) return "lines";
  for (const auto& [sku, line] : a.lines) {
    if (!b.find_line(sku) || !same_line(line, *b.find_line(sku))) return "line of " + sku;
  }
  if (const std::string of_orders = difference_of_orders(a, b); !of_orders.empty()) return of_orders;
  if (a.admin_keys.size() != b.admin_keys.size()) return "administrators' keys";
  if (a.refusals.first_offset(a.next) != b.refusals.first_offset(b.next)) return "window of refusals";
  return {};
}

}  // namespace

Replay::Replay(LedgerIdentity identity, const SimulatedIntents& intents, const std::vector<const std::string*>& records)
    : identity_(identity), intents_(intents), records_(records) {}

// Decides up to `end`, in as many batches as the ledger wants. It wants one if it has all rows, also those that an intent of
// the batch itself makes needed.
std::vector<std::string> Replay::decide(Ledger& ledger, Offset end, Rows& rows, bool with_all_rows) const {
  std::vector<std::string> records;
  while (ledger.state().next < end) {
    std::vector<IntentMessage> batch;
    for (Offset offset = ledger.state().next; offset < end; ++offset) {
      const oracle::Asked& intent = intents_.log[static_cast<std::size_t>(offset)];
      batch.push_back({offset, intent.append_time, intent.bytes});
    }
    WorkingSet working;
    if (with_all_rows) add_all(rows, working);
    fetch(ledger.state(), batch, rows, working);
    Result<LedgerBatch> decided = ledger.decide(batch, working, true);
    if (!decided) throw Violation("I6: a fresh ledger cannot decide: " + decided.error().message);
    write_rows(decided->rows, rows);
    for (const EncodedRecord record : decided->records) records.emplace_back(record.bytes);
  }
  return records;
}

void Replay::decide_with_the_same_cuts(const Rows& rows) const {
  Ledger ledger(identity_);
  Rows mine;
  for (const std::string* bytes : records_) {
    const v1::OrderRecord record = parsed(*bytes);
    const bool run = record.last_offset() > record.first_offset();
    const std::vector<std::string> again = decide(ledger, static_cast<Offset>(record.last_offset()) + 1, mine, run);
    if (again.size() == 1 && again.front() == *bytes) continue;
    throw Violation(fmt::format("I6: the record of intents {}..{} comes out differently when they are decided again",
                                record.first_offset(), record.last_offset()));
  }
  compare(mine, rows, "by a fresh ledger");
}

void Replay::decide_with_other_cuts(Dice& dice, const Rows& rows) const {
  std::map<Offset, std::uint64_t> digests;  // by the end of a record
  for (const std::string* bytes : records_) {
    const v1::OrderRecord record = parsed(*bytes);
    digests[static_cast<Offset>(record.last_offset())] = record.digest();
  }
  Ledger ledger(identity_);
  Rows mine;
  const auto all = static_cast<Offset>(intents_.log.size());
  const std::int64_t batch_max = dice.between(1, 80);
  while (ledger.state().next < all) {
    const Offset end = std::min(all, ledger.state().next + dice.between(1, batch_max));
    for (const std::string& bytes : decide(ledger, end, mine)) {
      const v1::OrderRecord record = parsed(bytes);
      const auto there = digests.find(static_cast<Offset>(record.last_offset()));
      if (there == digests.end() || there->second == record.digest()) continue;
      throw Violation(fmt::format("I6: cut differently, the digest after intent {} is another", record.last_offset()));
    }
  }
  compare(mine, rows, "in other batches");
}

void Replay::redo(const Rows& rows) const {
  Ledger ledger(identity_);
  Rows mine;
  for (const std::string* bytes : records_) {
    Effects effects(false);
    const Result<void> redone = ledger.redo(parsed(*bytes), effects);
    if (!redone) throw Violation("I6: the log cannot be redone: " + redone.error().message);
    RowWrites writes;
    ViewChanges changes;
    std::move(effects).move_to(ledger.state(), writes, changes);
    write_rows(writes, mine);
  }
  compare(mine, rows, "from the log alone");
}

void Replay::restart(const Surroundings& surroundings, const Rows& rows) const {
  Ledger decided(identity_);
  Rows mine;
  decide(decided, static_cast<Offset>(intents_.log.size()), mine);

  FaultPlan no_faults(surroundings.dice, 0);
  FaultyCalls calls(no_faults, [](bool) {});
  Disk disk;
  disk.rows = rows;
  SharedView nobody_sees;
  const auto redoing = [] { return true; };
  SimulatedIntentLog intents(surroundings.broker, calls);
  SimulatedOrderLog orders(surroundings.broker, calls);
  SimulatedOrderWriter writer(surroundings.broker, calls);
  SimulatedStore store(disk, surroundings.broker, calls, redoing, [](const RowWrites&) {});
  SimulatedView view(nobody_sees, surroundings.broker, store, calls, redoing);
  SimulatedBackground background(surroundings.dice);
  Lane lane(identity_, surroundings.settings, intents, orders, writer, store, view, background);
  for (int i = 0; i < 10'000 && !lane.running(); ++i) {
    if (const Result<int> step = lane.poll_once(surroundings.now); !step)
      throw Violation("a restart fails: " + step.error().message);
  }
  if (!lane.running()) throw Violation("a restart does not end");
  const std::string what = difference(decided.state(), lane.state());
  if (!what.empty()) throw Violation("I6: a restarted lane has another memory: " + what);
}

void Replay::compare(const Rows& mine_as_stored, const Rows& rows_as_stored, const char* how) const {
  const Rows mine = with_orders_apart(mine_as_stored);
  const Rows rows = with_orders_apart(rows_as_stored);
  if (mine == rows) return;
  for (const auto& [key, value] : mine) {
    const auto other = rows.find(key);
    if (other != rows.end() && other->second == value) continue;
    throw Violation(fmt::format("I6: a store built {} differs in a row of kind '{}'", how, key.substr(0, 1)));
  }
  throw Violation(fmt::format("I6: a store built {} lacks rows", how));
}

}  // namespace sluice::simulation
