// Shell: a process of sluice-ingest: the real loop over the simulated log and view. Requests come from its customers and die
// with it.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ingest/ingest_loop.h"
#include "tests/simulation/life.h"
#include "tests/simulation/simulated_producer.h"
#include "tests/simulation/surroundings.h"

namespace sluice::simulation {

// A request as it travels.
struct Asking {
  std::uint64_t id = 0;  // of the exchange; no two in a world are equal
  std::string method;
  std::string path;
  std::string authorization;
  std::string key;
  std::string prefer;
  std::string signature;
  std::string body;
};

// Who hears what becomes of a request. Each ends exactly once.
class Customers {
 public:
  virtual ~Customers() = default;
  virtual void answered(std::uint64_t asking, const HttpAnswer& answer) = 0;
  // The connection broke: nobody knows what became of it.
  virtual void cut_off(std::uint64_t asking) = 0;
};

class SimulatedAppends : public IntentAppends {
 public:
  SimulatedAppends(Surroundings& surroundings, FaultyCalls& calls)
      : surroundings_(surroundings), calls_(calls), producer_(surroundings) {}

  bool append(Partition partition, std::string_view key, std::string_view intent, AppendId append) override;
  Result<void> ended(std::vector<AppendEnd>& into) override;

 private:
  struct UnderWay {
    AppendId id;
    std::string intent;
    UnixMillis since;
  };
  void judge(std::string_view intent);

  Surroundings& surroundings_;
  FaultyCalls& calls_;
  SimulatedProducer producer_;
  std::deque<UnderWay> under_way_;                   // they end in this order
  std::map<std::string, std::uint32_t> quantities_;  // by the purchase without it; 0: there were several
  std::vector<SimulatedProducer::End> ends_;
};

// Of a SKU, by its name: the position that an ingest knows of. It tells no older state.
using KnownStock = std::map<std::string, std::uint64_t>;

class SimulatedTail : public OrdersTail {
 public:
  // Adds to `known` what lies before the end now, since that is read before any stock is told.
  SimulatedTail(Surroundings& surroundings, FaultyCalls& calls, KnownStock& known);

  Result<std::size_t> read(const TakeRecord& take) override;
  bool reached_end(Partition partition) const override { return partition != partition_ || reached_end_; }

 private:
  std::int64_t first_wanted(std::int64_t look_back) const;
  void add_known(KnownStock& known);

  Surroundings& surroundings_;
  SimulatedBroker& broker_;
  FaultyCalls& calls_;
  const std::int64_t begun_;  // in this turn
  CommittedReader reader_;
  const Partition partition_;
  std::int64_t end_at_start_;
  std::int64_t next_;
  bool reached_end_;
  v1::OrderRecord record_;
};

// Orders and stock as the shared view has them.
class SimulatedStored : public StoredOrders, public StoredStock {
 public:
  // Adds to `known` what it loads.
  SimulatedStored(Surroundings& surroundings, FaultyCalls& calls, KnownStock& known)
      : surroundings_(surroundings), calls_(calls), known_(known) {}

  bool ask(Ticket order, Exchange asked_by) override;
  void answered(std::vector<StoredOrder>& into) override;
  bool load() override;
  std::optional<StoredStocks> loaded() override;

 private:
  StoredOrder look_up(Ticket order, Exchange asked_by) const;

  Surroundings& surroundings_;
  FaultyCalls& calls_;
  KnownStock& known_;
  std::deque<std::pair<Ticket, Exchange>> questions_;
  bool loading_ = false;
};

class IngestProcess {
 public:
  IngestProcess(Surroundings& surroundings, Customers& customers, const PublicIds& ids, const WebhookCheck& webhook,
                IngestMetrics& metrics, bool answers_twice);

  void ask(Asking asking) { arriving_.push_back(std::move(asking)); }
  Life& life() { return life_; }

 private:
  class Answering;
  void run();
  void serve(IngestLoop& loop, Answering& answers);
  void cut_everybody_off();

  Surroundings& surroundings_;
  Customers& customers_;
  const PublicIds& ids_;
  const WebhookCheck& webhook_;
  IngestMetrics& metrics_;
  const bool answers_twice_;
  std::deque<Asking> arriving_;
  std::map<Exchange, std::uint64_t> open_;  // whose answer has not come
  Exchange last_exchange_ = 0;
  Life life_;  // last: its end unwinds the loop
};

}  // namespace sluice::simulation
