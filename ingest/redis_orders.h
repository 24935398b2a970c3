// Adapter (redis/): reads orders from the shared view. A thread of its own, so that a slow Redis holds up only those who asked.
#pragma once

#include <memory>
#include <optional>
#include <thread>

#include "ingest/doorbell.h"
#include "ingest/ports.h"
#include "redis/connection.h"
#include "runtime/bounded_queue.h"

namespace sluice {

class RedisOrders final : public StoredOrders {
 public:
  // Rings `bell`, which outlives this, when there are answers.
  RedisOrders(RedisAddress address, const Doorbell& bell);
  ~RedisOrders() override;
  RedisOrders(const RedisOrders&) = delete;
  RedisOrders& operator=(const RedisOrders&) = delete;

  bool ask(Ticket order, Exchange asked_by) override;
  void answered(std::vector<StoredOrder>& into) override;

 private:
  struct Question {
    Ticket order;
    Exchange asked_by;
  };
  void run();
  StoredOrder look_up(const Question& question);
  Result<StoredOrder> read(const Question& question);

  const RedisAddress address_;
  const Doorbell& bell_;
  std::optional<RedisConnection> connection_;  // of run()'s thread
  std::int64_t retry_at_ns_ = 0;               // not before, after a connection has failed
  bool reachable_ = true;
  BoundedQueue<Question> questions_;
  BoundedQueue<StoredOrder> answers_;
  std::thread thread_;
};

}  // namespace sluice
