// Pure: whose fault an error of MySQL or MariaDB is.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice {

enum class MysqlBlame {
  kRow,     // what the row says: the same row would be refused again, others would not
  kServer,  // down, overloaded, full, or chose this transaction as the victim of a deadlock: try again later
  kPerson,  // the tables, the user or its rights are not what the sink needs: nothing changes until somebody acts
};

// `code`: the server's or the client library's error number; `sql_state`: five characters of the SQL standard.
//
// Only what is known to be the row's fault is called so: a row that is blamed wrongly would be left out of the table, while a
// wait that was not needed costs time.
MysqlBlame blame_of(std::uint32_t code, std::string_view sql_state);

// Of those that need a person: the schema is not, or not wholly, applied.
bool is_missing_table_or_column(std::uint32_t code);

}  // namespace sluice
