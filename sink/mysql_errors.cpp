#include "sink/mysql_errors.h"

#include <algorithm>
#include <array>

namespace sluice {
namespace {

// Numbers of https://mariadb.com/kb/en/mariadb-error-code-reference/ and of MySQL's reference, which agree in these.
constexpr std::array<std::uint32_t, 6> kRowCodes = {
    1265,  // data truncated for a column
    1366,  // incorrect value for a column
    1526,  // the table has no partition for the value
    1644,  // a trigger's SIGNAL
    3819,  // MySQL: a CHECK constraint is violated
    4025,  // MariaDB: a CHECK constraint is violated
};

constexpr std::uint32_t kNoSuchTable = 1146;
constexpr std::uint32_t kNoSuchColumn = 1054;

constexpr std::array<std::uint32_t, 16> kPersonCodes = {
    1044, 1045,         1698,                 // access denied to the database, to the user
    1142, 1143,         1227,          1370,  // a right on a table, on a column, in general, on a routine is missing
    1049, kNoSuchTable, kNoSuchColumn,        // and no such database
    1064, 1136,         1364,                 // syntax, column count, a column without default that the sink does not know
    1193, 1231,                               // a session variable, or its value, that the server does not know
    1906,                                     // MariaDB: a value for a generated column
};

}  // namespace

MysqlBlame blame_of(std::uint32_t code, std::string_view sql_state) {
  if (std::ranges::find(kPersonCodes, code) != kPersonCodes.end()) return MysqlBlame::kPerson;
  if (std::ranges::find(kRowCodes, code) != kRowCodes.end()) return MysqlBlame::kRow;
  // Data exception, integrity constraint violation, and what a trigger raises.
  const std::string_view state_class = sql_state.substr(0, 2);
  if (state_class == "22" || state_class == "23" || state_class == "45") return MysqlBlame::kRow;
  return MysqlBlame::kServer;
}

bool is_missing_table_or_column(std::uint32_t code) { return code == kNoSuchTable || code == kNoSuchColumn; }

}  // namespace sluice
