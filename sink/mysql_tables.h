// Pure: the tables of schemas/mysql: their columns, and the statements that write rows into them.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "sink/rows.h"

namespace sluice {

struct MysqlTable {
  std::string_view name;
  std::string_view columns;  // that the sink uses, with commas between them
  std::string_view file;     // that makes it
};

// Every table that the sink needs.
std::array<MysqlTable, 6> mysql_tables();

// A text as a literal of SQL.
using Quote = std::function<std::string(const std::string& text)>;

// One statement that inserts the rows, or updates what is there: only what is older; counts of refusals are added. Text that is
// not of ours goes through `quote`. REQUIRES: there are rows.
std::string upsert_statement(const TableRows& rows, const Quote& quote);

}  // namespace sluice
