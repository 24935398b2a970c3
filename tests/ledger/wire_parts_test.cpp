#include "ledger/wire_parts.h"

#include <gtest/gtest.h>

#include <array>

namespace sluice {
namespace {

TEST(WirePartsTest, TakesAnEmptyMessageThatHasNoMemory) {
  std::array<char, 8> bytes{};
  wire::Cursor cursor(bytes.data());
  cursor.message(3, {});
  EXPECT_EQ(std::string_view(bytes.data(), cursor.at()), std::string_view("\x1a\x00", 2));
}

}  // namespace
}  // namespace sluice
