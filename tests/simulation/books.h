// Shell: compares the rows of the database with the oracle's fold of the records: after every commit what that commit was
// about, and everything at the end (invariant I7).
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>

#include "schemas/dead_letter.pb.h"
#include "tests/simulation/oracle/tables.h"
#include "tests/simulation/simulated_mysql.h"
#include "tests/simulation/witness.h"

namespace sluice::simulation {

class Books {
 public:
  Books(Witness& witness, int generation) : witness_(witness), tables_(generation) {}

  // The broker has acknowledged it.
  void take(const v1::DeadLetter& letter) { letters_.emplace(letter.order().id(), letter.version()); }

  // All of them throw Violation.
  void judge_commit(const MysqlRows& rows);
  void judge_everything(const MysqlRows& rows) const;

 private:
  void judge_order(const MysqlRows& rows, std::uint64_t id) const;
  void judge_payment(const MysqlRows& rows, const std::string& id) const;
  void judge_sale(const MysqlRows& rows, const std::string& sku) const;
  void judge_history(const MysqlRows& rows, const oracle::Tables::HistoryKey& key) const;
  void judge_refusals(const MysqlRows& rows, const oracle::Tables::RefusalKey& key) const;

  Witness& witness_;
  oracle::Tables tables_;
  std::size_t folded_ = 0;                                     // records
  std::set<std::pair<std::uint64_t, std::uint64_t>> letters_;  // orders and versions that are in dead-letters
};

}  // namespace sluice::simulation
