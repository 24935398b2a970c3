#include "reaper/read_mark.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(ReadMarkTest, ItsNoteNamesTheIntent) {
  EXPECT_EQ(note_of({.log_offset = 9, .intent = 4711}, Generation{2}), "2/4711");
  EXPECT_EQ(read_note("2/4711", Generation{2}), 4711);
  EXPECT_EQ(read_note("1/0", Generation{1}), 0);
}

TEST(ReadMarkTest, ANoteOfOthersIsNone) {
  for (const char* note : {"", "4711", "1/4711", "2/", "2/-1", "2/47x", "2/ 4", "2/99999999999999999", "22/1", "/1"}) {
    EXPECT_FALSE(read_note(note, Generation{2})) << note;
  }
}

}  // namespace
}  // namespace sluice
