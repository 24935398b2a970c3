// Adapter (redis/): reads orders and stock from the shared view. A thread of its own, so that a slow Redis holds up only those
// who asked.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "ingest/doorbell.h"
#include "ingest/ports.h"
#include "ingest/stock_scan.h"
#include "redis/connection.h"
#include "runtime/bounded_queue.h"

namespace sluice {

class SharedView final : public StoredOrders, public StoredStock {
 public:
  // Rings `bell`, which outlives this, when there are answers.
  SharedView(RedisAddress address, const StockScanBounds& bounds, const Doorbell& bell);
  ~SharedView() override;
  SharedView(const SharedView&) = delete;
  SharedView& operator=(const SharedView&) = delete;

  bool ask(Ticket order, Exchange asked_by) override;
  void answered(std::vector<StoredOrder>& into) override;
  bool load() override;
  std::optional<StoredStocks> loaded() override;

 private:
  struct Question {
    Ticket order;  // {0}: all stock
    Exchange asked_by;
  };
  void run();
  bool connect();
  void lost(const Error& error);
  void found_again();
  StoredOrder look_up(const Question& question);
  Result<StoredOrder> read(const Question& question);
  void scan_on();

  const RedisAddress address_;
  const StockScanBounds bounds_;
  const Doorbell& bell_;
  std::atomic<bool> stopping_ = false;
  // Of run()'s thread.
  std::optional<RedisConnection> connection_;
  std::int64_t retry_at_ns_ = 0;  // not before, after a connection has failed
  bool reachable_ = true;
  std::unique_ptr<StockScan> scan_;  // while it goes on

  BoundedQueue<Question> questions_;
  BoundedQueue<StoredOrder> answers_;
  BoundedQueue<StoredStocks> loads_;
  std::thread thread_;
};

}  // namespace sluice
