#include "sink/mysql_errors.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(MysqlErrors, BlamesARowForWhatItSays) {
  EXPECT_EQ(blame_of(1406, "22001"), MysqlBlame::kRow);  // too long
  EXPECT_EQ(blame_of(1264, "22003"), MysqlBlame::kRow);  // out of range
  EXPECT_EQ(blame_of(1366, "HY000"), MysqlBlame::kRow);  // MySQL: incorrect string
  EXPECT_EQ(blame_of(4025, "23000"), MysqlBlame::kRow);  // MariaDB: CHECK
  EXPECT_EQ(blame_of(3819, "HY000"), MysqlBlame::kRow);  // MySQL: CHECK
  EXPECT_EQ(blame_of(1062, "23000"), MysqlBlame::kRow);  // an operator's unique key
  EXPECT_EQ(blame_of(1644, "45000"), MysqlBlame::kRow);  // an operator's trigger
}

TEST(MysqlErrors, NeverBlamesARowForTheServersTroubles) {
  EXPECT_EQ(blame_of(2002, "HY000"), MysqlBlame::kServer);  // cannot connect
  EXPECT_EQ(blame_of(2006, "HY000"), MysqlBlame::kServer);  // gone away
  EXPECT_EQ(blame_of(2013, "HY000"), MysqlBlame::kServer);  // lost during the query
  EXPECT_EQ(blame_of(1205, "HY000"), MysqlBlame::kServer);  // lock wait
  EXPECT_EQ(blame_of(1213, "40001"), MysqlBlame::kServer);  // deadlock
  EXPECT_EQ(blame_of(1114, "HY000"), MysqlBlame::kServer);  // disk full
  EXPECT_EQ(blame_of(1290, "HY000"), MysqlBlame::kServer);  // read only, during a failover
  EXPECT_EQ(blame_of(0, ""), MysqlBlame::kServer);
}

TEST(MysqlErrors, CallsForAPersonWhenTheTablesOrRightsAreMissing) {
  EXPECT_EQ(blame_of(1045, "28000"), MysqlBlame::kPerson);
  EXPECT_EQ(blame_of(1146, "42S02"), MysqlBlame::kPerson);
  EXPECT_EQ(blame_of(1054, "42S22"), MysqlBlame::kPerson);
  EXPECT_EQ(blame_of(1142, "42000"), MysqlBlame::kPerson);
}

}  // namespace
}  // namespace sluice
