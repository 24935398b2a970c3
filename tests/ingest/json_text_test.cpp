#include "ingest/json_text.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>

namespace sluice {
namespace {

std::string written(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonString, EscapesWhatMustNotStandInAString) {
  EXPECT_EQ(written("mask-1"), R"("mask-1")");
  EXPECT_EQ(written(R"(a"b\c)"), R"("a\"b\\c")");
  EXPECT_EQ(written("a\nb\x01"), R"("a\u000ab\u0001")");
  EXPECT_EQ(written(std::string_view("\0", 1)), R"("\u0000")");
}

TEST(JsonString, KeepsUtf8) { EXPECT_EQ(written("口罩 Größe 😷"), "\"口罩 Größe 😷\""); }

TEST(JsonString, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(written("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(written("\xE5\x8F"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonString, IsValidForEveryPairAndTripleOfBytes) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = written(std::string{static_cast<char>(first), static_cast<char>(second), '\x80', 'z'});
      EXPECT_TRUE(simdjson::validate_utf8(text)) << first << " " << second;
    }
  }
}

TEST(Rfc3339, WritesUtcWithMilliseconds) {
  EXPECT_EQ(rfc3339(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339(1'709'164'800'123), "2024-02-29T00:00:00.123Z");
  EXPECT_EQ(rfc3339(4'102'444'799'999), "2099-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace sluice
