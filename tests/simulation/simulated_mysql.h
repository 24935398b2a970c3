// Adapter (simulation): a database in memory with transactions: what one writes nobody sees before its commit, a position's row
// is locked by who moves it, and a client that is gone is noticed some time later.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "sink/rows.h"
#include "sink/sink_database.h"
#include "tests/simulation/faults.h"

namespace sluice::simulation {

// What has been committed.
struct MysqlRows {
  using RefusalKey = std::tuple<std::string, std::string, int, v1::Reason>;

  StoredPosition position;
  std::map<std::uint64_t, OrderRow> orders;
  std::map<std::string, PaymentRow> payments;
  std::map<std::string, SaleRow> sales;
  std::map<std::pair<std::uint64_t, std::uint64_t>, HistoryRow> history;
  std::map<RefusalKey, std::uint64_t> refusals;
};

struct MysqlHabits {
  bool compares_positions = true;  // a broken one lets a late writer in
  bool rolls_back = true;          // a broken one keeps what a lost client had written
};

class SimulatedMysql {
 public:
  using Session = std::uint64_t;
  enum class Begun { kYes, kLocked, kMovedOn };

  explicit SimulatedMysql(MysqlHabits habits) : habits_(habits) {}

  // `judge` sees the rows after every commit; `refuses` an order: its row is too long, or the like.
  void set_judge(std::function<void(const MysqlRows&)> judge) { judge_ = std::move(judge); }
  void set_refuses(std::function<bool(std::uint64_t order)> refuses) { refuses_ = std::move(refuses); }

  Session connect() { return ++last_session_; }
  // The client is gone. What it had begun is rolled back when the server notices.
  void lose(Session session) { lost_.insert(session); }
  void notice_lost_clients();

  // A copy of another log's database comes in its place, which has as many rulings and another digest. Not while something is
  // being written, nor as long as it is empty.
  void become_of_another_log(std::uint64_t digest);
  // In a turn of the world.
  void bring_back(std::int64_t turn);
  bool is_of_another_log() const { return own_digest_.has_value(); }
  std::int64_t brought_back() const { return brought_back_; }

  const MysqlRows& rows() const { return rows_; }

  Begun begin(Session session, const StoredPosition& from, const StoredPosition& to);
  bool has_begun(Session session) const { return open_ && open_->session == session; }
  std::optional<RowRefusal> write(const TableRows& rows);
  // False: the server has ended the transaction before.
  bool commit(Session session);
  void rollback(Session session);

 private:
  struct Transaction {
    Session session;
    StoredPosition to;
    sluice::Rows rows;  // of the sink, not of a store
  };

  void apply(const sluice::Rows& rows);

  MysqlHabits habits_;
  std::function<void(const MysqlRows&)> judge_;
  std::function<bool(std::uint64_t)> refuses_;
  MysqlRows rows_;
  std::optional<Transaction> open_;  // one partition, one row of positions: one at a time
  std::set<Session> lost_;
  std::optional<std::uint64_t> own_digest_;  // while it is of another log
  std::int64_t brought_back_ = -1;
  Session last_session_ = 0;
};

// A sink's connection. After an error it connects anew, and the server learns later that the old one is gone.
class SimulatedDatabase : public SinkDatabase {
 public:
  // `wait` lets the others run, while a row is locked.
  SimulatedDatabase(SimulatedMysql& server, FaultyCalls& calls, std::function<void()> wait,
                    std::function<void(std::function<void()>)> send_late)
      : server_(server), calls_(calls), wait_(std::move(wait)), send_late_(std::move(send_late)), session_(server.connect()) {}
  ~SimulatedDatabase() override { server_.lose(session_); }
  SimulatedDatabase(const SimulatedDatabase&) = delete;
  SimulatedDatabase& operator=(const SimulatedDatabase&) = delete;

  Result<StoredPosition> position_of(Partition partition) override;
  Result<std::vector<SaleRow>> sales_of(Partition partition) override;
  Result<void> begin(Partition partition, const StoredPosition& from, const StoredPosition& to) override;
  Result<std::optional<RowRefusal>> upsert(const TableRows& rows) override;
  Result<void> commit() override;
  void rollback() override { server_.rollback(session_); }

 private:
  // The answer of a call; if it is an error, the connection is dropped.
  template <typename T>
  Result<T> answered(Result<T> result);

  SimulatedMysql& server_;
  FaultyCalls& calls_;
  std::function<void()> wait_;
  std::function<void(std::function<void()>)> send_late_;
  SimulatedMysql::Session session_;
};

}  // namespace sluice::simulation
