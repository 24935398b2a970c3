#include "schemas/utf8.h"

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <string>

#include "schemas/intent.pb.h"

namespace sluice {
namespace {

// The first and the last character of each length, and around the surrogates.
constexpr std::string_view kText[] = {"",
                                      "a",
                                      "\x7f",
                                      "\xc2\x80",
                                      "\xdf\xbf",
                                      "\xe0\xa0\x80",
                                      "\xed\x9f\xbf",
                                      "\xee\x80\x80",
                                      "\xef\xbf\xbf",
                                      "\xf0\x90\x80\x80",
                                      "\xf4\x8f\xbf\xbf",
                                      "a\xc3\xa9z"};
// Alone, cut short, too long a form, a surrogate, beyond the last character.
constexpr std::string_view kNoText[] = {
    "\x80",         "\xff",         "\xc2",         "\xc0\x80",         "\xc1\xbf",         "\xe0\x9f\xbf",
    "\xe2\x82",     "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
    "\xf0\x9f\x98", "a\xffz",       "\xc3("};

TEST(Utf8Test, TakesText) {
  for (const std::string_view text : kText) EXPECT_TRUE(is_utf8(text)) << text;
  EXPECT_TRUE(is_utf8(std::string_view("a\0b", 3)));
}

TEST(Utf8Test, RefusesOtherBytes) {
  for (const std::string_view bytes : kNoText) EXPECT_FALSE(is_utf8(bytes)) << testing::PrintToString(bytes);
}

TEST(Utf8Test, AgreesWithProtobufOnWhatAStringMayHold) {
  const google::protobuf::LogSilencer silent;
  v1::Purchase read;
  const auto protobuf_reads = [&](std::string_view user) {
    const std::string wire = std::string("\x12") + static_cast<char>(user.size()) + std::string(user);
    return read.ParseFromString(wire);
  };
  for (const std::string_view text : kText) EXPECT_TRUE(protobuf_reads(text)) << text;
  for (const std::string_view bytes : kNoText) EXPECT_FALSE(protobuf_reads(bytes)) << testing::PrintToString(bytes);
}

}  // namespace
}  // namespace sluice
