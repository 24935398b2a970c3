#include "tests/simulation/simulated_mysql.h"

#include <type_traits>
#include <utility>
#include <variant>

namespace sluice::simulation {
namespace {

constexpr int kLockWaitsMax = 40;

template <typename Row>
void append(std::vector<Row>& to, std::span<const Row> rows) {
  to.insert(to.end(), rows.begin(), rows.end());
}

template <typename Row>
void keep_newer(Row& stored, const Row& row) {
  if (stored.version < row.version) stored = row;
}

}  // namespace

void SimulatedMysql::notice_lost_clients() {
  for (const Session session : lost_) {
    if (!has_begun(session)) continue;
    if (!habits_.rolls_back) apply(open_->rows);
    open_.reset();
  }
  lost_.clear();
}

void SimulatedMysql::become_of_another_log(std::uint64_t digest) {
  if (open_ || own_digest_ || rows_.position.next == 0) return;
  own_digest_ = std::exchange(rows_.position.digest, digest);
}

void SimulatedMysql::bring_back(std::int64_t turn) {
  if (!own_digest_) return;
  rows_.position.digest = *own_digest_;
  own_digest_.reset();
  brought_back_ = turn;
}

SimulatedMysql::Begun SimulatedMysql::begin(Session session, const StoredPosition& from, const StoredPosition& to) {
  if (open_ && open_->session != session) return Begun::kLocked;
  const bool there = rows_.position.next == from.next && rows_.position.digest == from.digest;
  if (!there && habits_.compares_positions) return Begun::kMovedOn;
  if (own_digest_ && habits_.compares_positions) throw Violation("I7: a sink writes on in a database of another log");
  open_ = Transaction{.session = session, .to = to, .rows = {}};
  return Begun::kYes;
}

std::optional<RowRefusal> SimulatedMysql::write(const TableRows& rows) {
  if (const auto* orders = std::get_if<std::span<const OrderRow>>(&rows); orders != nullptr && refuses_) {
    for (const OrderRow& row : *orders) {
      if (refuses_(row.order.id())) return RowRefusal{1406, "simulated: data too long"};
    }
  }
  sluice::Rows& written = open_->rows;
  if (const auto* orders = std::get_if<std::span<const OrderRow>>(&rows)) append(written.orders, *orders);
  if (const auto* payments = std::get_if<std::span<const PaymentRow>>(&rows)) append(written.payments, *payments);
  if (const auto* sales = std::get_if<std::span<const SaleRow>>(&rows)) append(written.sales, *sales);
  if (const auto* history = std::get_if<std::span<const HistoryRow>>(&rows)) append(written.history, *history);
  if (const auto* refusals = std::get_if<std::span<const RefusalRow>>(&rows)) append(written.refusals, *refusals);
  return std::nullopt;
}

bool SimulatedMysql::commit(Session session) {
  if (!has_begun(session)) return false;
  if (open_->to.next <= rows_.position.next && habits_.compares_positions) {
    throw Violation("I7: the position in MySQL went back, or stood still");
  }
  rows_.position = open_->to;
  apply(open_->rows);
  open_.reset();
  if (judge_) judge_(rows_);
  return true;
}

void SimulatedMysql::rollback(Session session) {
  if (has_begun(session)) open_.reset();
}

// As the statements of schemas/mysql say: newer rows win, transitions are only added, refusals add up.
void SimulatedMysql::apply(const sluice::Rows& rows) {
  for (const OrderRow& row : rows.orders) keep_newer(rows_.orders[row.order.id()], row);
  for (const SaleRow& row : rows.sales) keep_newer(rows_.sales[row.sale.sku()], row);
  for (const HistoryRow& row : rows.history) rows_.history.try_emplace({row.order, row.version.value}, row);
  for (const RefusalRow& row : rows.refusals) rows_.refusals[{row.sku, row.sale_id, row.slot, row.reason}] += row.count;
  for (const PaymentRow& row : rows.payments) {
    PaymentRow& stored = rows_.payments[row.payment.id()];
    const UnixMillis created = stored.version == Position() ? row.created : stored.created;
    keep_newer(stored, row);
    stored.created = created;
  }
}

template <typename T>
Result<T> SimulatedDatabase::answered(Result<T> result) {
  if (result) return result;
  server_.lose(session_);
  session_ = server_.connect();
  return result;
}

Result<StoredPosition> SimulatedDatabase::position_of(Partition) {
  return answered(calls_.make(Step::kSinkPosition, [this]() -> Result<StoredPosition> { return server_.rows().position; }));
}

Result<std::vector<SaleRow>> SimulatedDatabase::sales_of(Partition) {
  return answered(calls_.make(Step::kSinkSales, [this]() -> Result<std::vector<SaleRow>> {
    std::vector<SaleRow> sales;
    for (const auto& [sku, row] : server_.rows().sales) sales.push_back(row);
    return sales;
  }));
}

// Fenced is no fault of the connection: the transaction goes on, and is rolled back by the caller.
Result<void> SimulatedDatabase::begin(Partition, const StoredPosition& from, const StoredPosition& to) {
  Result<void> begun = calls_.make(Step::kSinkBegin, [&]() -> Result<void> {
    for (int waits = 0; waits < kLockWaitsMax; ++waits) {
      switch (server_.begin(session_, from, to)) {
        case SimulatedMysql::Begun::kYes:
          return {};
        case SimulatedMysql::Begun::kMovedOn:
          return Error::fenced("simulated: the position does not stand there any more");
        case SimulatedMysql::Begun::kLocked:
          wait_();
      }
    }
    return Error::retryable("simulated: lock wait timeout exceeded");
  });
  if (!begun && begun.error().kind == Error::Kind::kFenced) return begun;
  return answered(std::move(begun));
}

Result<std::optional<RowRefusal>> SimulatedDatabase::upsert(const TableRows& rows) {
  return answered(calls_.make(Step::kSinkUpsert, [&]() -> Result<std::optional<RowRefusal>> {
    if (!server_.has_begun(session_)) return Error::retryable("simulated: the server has ended the session");
    return server_.write(rows);
  }));
}

Result<void> SimulatedDatabase::commit() {
  return answered(calls_.make(
      Step::kSinkCommit,
      [this]() -> Result<void> {
        if (!server_.commit(session_)) return Error::retryable("simulated: the server has ended the session");
        return {};
      },
      [this] { send_late_([&server = server_, session = session_] { server.commit(session); }); }));
}

}  // namespace sluice::simulation
