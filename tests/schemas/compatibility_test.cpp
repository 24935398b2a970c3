// Fields are added, never changed, reused or removed: the formats of this build against the frozen listing of all fields.
#include <fmt/core.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "tests/schemas/golden_samples.h"

namespace sluice {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

// A listing has one line per field and enum value, "Purchase 1 string sku": owner and number, then what must never change.
using Listing = std::map<std::string, std::string>;

std::string meaning_of(const FieldDescriptor& field) {
  std::string type = field.type_name();
  if (field.message_type() != nullptr) type = field.message_type()->name();
  if (field.enum_type() != nullptr) type = field.enum_type()->name();
  if (field.is_repeated()) type = "repeated " + type;
  if (const auto* choice = field.real_containing_oneof()) type = fmt::format("oneof {} {}", choice->name(), type);
  return type + " " + field.name();
}

Listing listing_of_this_build() {
  Listing listing;
  for (const auto* file : message_files()) {
    for (int m = 0; m < file->message_type_count(); ++m) {
      const Descriptor& message = *file->message_type(m);
      EXPECT_EQ(message.nested_type_count() + message.enum_type_count(), 0)
          << message.name() << ": the listing has no nested types";
      for (int f = 0; f < message.field_count(); ++f) {
        listing[fmt::format("{} {}", message.name(), message.field(f)->number())] = meaning_of(*message.field(f));
      }
    }
    for (int e = 0; e < file->enum_type_count(); ++e) {
      const EnumDescriptor& type = *file->enum_type(e);
      for (int v = 0; v < type.value_count(); ++v) {
        listing[fmt::format("{} {}", type.name(), type.value(v)->number())] = type.value(v)->name();
      }
    }
  }
  return listing;
}

Listing parse_listing(const std::string& text) {
  Listing listing;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t owner_ends = line.find(' ');
    const std::size_t number_ends = line.find(' ', owner_ends + 1);
    if (line.starts_with('#') || number_ends == std::string::npos) continue;
    listing[line.substr(0, number_ends)] = line.substr(number_ends + 1);
  }
  return listing;
}

// What breaks a reader or a writer of the frozen format, or is not frozen yet.
std::vector<std::string> problems_between(const Listing& frozen, const Listing& now) {
  std::vector<std::string> problems;
  for (const auto& [place, meaning] : frozen) {
    const auto found = now.find(place);
    if (found == now.end()) {
      problems.push_back(
          fmt::format("{} ({}) was removed: put it back, and stop writing it if it is of no use", place, meaning));
    } else if (found->second != meaning) {
      problems.push_back(
          fmt::format("{} was '{}' and is '{}': put it back and take a new number", place, meaning, found->second));
    }
  }
  for (const auto& [place, meaning] : now) {
    if (!frozen.contains(place)) {
      problems.push_back(fmt::format("add this line to schemas/golden/fields.txt: {} {}", place, meaning));
    }
  }
  return problems;
}

TEST(CompatibilityTest, ThisBuildStillSpeaksTheFrozenFormat) {
  for (const std::string& problem : problems_between(parse_listing(golden_file("fields.txt")), listing_of_this_build())) {
    ADD_FAILURE() << problem;
  }
}

class CompatibilityCheckTest : public testing::Test {
 protected:
  const Listing frozen_ = parse_listing("# a comment\nPay 1 fixed64 order\nPay 2 string payment_id\nReason 4 SOLD_OUT\n");
};

TEST_F(CompatibilityCheckTest, FindsNothingWhereNothingChanged) { EXPECT_TRUE(problems_between(frozen_, frozen_).empty()); }

TEST_F(CompatibilityCheckTest, FindsARemovedField) {
  Listing now = frozen_;
  now.erase("Pay 2");
  ASSERT_EQ(problems_between(frozen_, now).size(), 1U);
  EXPECT_EQ(problems_between(frozen_, now).front(),
            "Pay 2 (string payment_id) was removed: put it back, and stop writing it if it is of no use");
}

TEST_F(CompatibilityCheckTest, FindsAFieldOfAnotherTypeOrName) {
  for (const char* meaning : {"uint64 order", "fixed64 order_id", "repeated fixed64 order", "oneof kind fixed64 order"}) {
    Listing now = frozen_;
    now["Pay 1"] = meaning;
    EXPECT_EQ(problems_between(frozen_, now).size(), 1U) << meaning;
  }
}

TEST_F(CompatibilityCheckTest, FindsAFieldThatMovedToAnotherNumber) {
  Listing now = frozen_;
  now.erase("Pay 2");
  now["Pay 3"] = "string payment_id";
  EXPECT_EQ(problems_between(frozen_, now).size(), 2U);
}

TEST_F(CompatibilityCheckTest, FindsAnEnumValueThatWasReused) {
  Listing now = frozen_;
  now["Reason 4"] = "SOLD";
  EXPECT_EQ(problems_between(frozen_, now).front(), "Reason 4 was 'SOLD_OUT' and is 'SOLD': put it back and take a new number");
}

TEST_F(CompatibilityCheckTest, AsksToFreezeWhatIsNew) {
  Listing now = frozen_;
  now["Pay 3"] = "int64 amount_minor";
  EXPECT_EQ(problems_between(frozen_, now).front(), "add this line to schemas/golden/fields.txt: Pay 3 int64 amount_minor");
}

}  // namespace
}  // namespace sluice
