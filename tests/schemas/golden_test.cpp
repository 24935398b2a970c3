// The bytes of every message, frozen: whoever changes them cannot read the logs that exist.
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "schemas/intent.pb.h"
#include "schemas/intent_format.h"
#include "schemas/order_record.pb.h"
#include "tests/schemas/golden_samples.h"

namespace sluice {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;

// Calls `seen` for every field that is set in the message or in one of its parts.
void visit_fields(const Message& message, const std::function<void(const FieldDescriptor&)>& seen) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    seen(*field);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      visit_fields(message.GetReflection()->GetMessage(message, field), seen);
      continue;
    }
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      visit_fields(message.GetReflection()->GetRepeatedMessage(message, field, i), seen);
    }
  }
}

std::set<std::string> fields_in_samples() {
  std::set<std::string> names;
  for (const std::string& sample : golden_samples()) {
    visit_fields(*golden_message(sample), [&](const FieldDescriptor& field) { names.insert(field.full_name()); });
  }
  return names;
}

class GoldenSampleTest : public testing::TestWithParam<std::string> {};

TEST_P(GoldenSampleTest, SerialisesToTheFrozenBytes) {
  EXPECT_EQ(to_hex(golden_message(GetParam())->SerializeAsString()), golden_file(GetParam() + ".hex"));
}

TEST_P(GoldenSampleTest, IsReadFromTheFrozenBytes) {
  const auto expected = golden_message(GetParam());
  const auto read = empty_like(GetParam());
  ASSERT_TRUE(read->ParseFromString(golden_bytes(GetParam())));
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*read, *expected)) << read->DebugString();
}

INSTANTIATE_TEST_SUITE_P(All, GoldenSampleTest, testing::ValuesIn(golden_samples()),
                         [](const auto& tested) { return tested.param; });

TEST(GoldenSamplesTest, ExistForEveryKindOfIntentAndRecord) {
  const auto names = fields_in_samples();
  for (const OneofDescriptor* choice :
       {v1::Intent::descriptor()->FindOneofByName("kind"), v1::OrderRecord::descriptor()->FindOneofByName("body"),
        v1::Change::descriptor()->FindOneofByName("event")}) {
    for (int i = 0; i < choice->field_count(); ++i) {
      EXPECT_TRUE(names.contains(choice->field(i)->full_name()))
          << "no sample in schemas/golden has " << choice->field(i)->full_name();
    }
  }
}

TEST(GoldenSamplesTest, PinEveryFieldOfEveryMessage) {
  const auto names = fields_in_samples();
  for (const auto* file : message_files()) {
    for (int m = 0; m < file->message_type_count(); ++m) {
      for (int f = 0; f < file->message_type(m)->field_count(); ++f) {
        const std::string& name = file->message_type(m)->field(f)->full_name();
        EXPECT_TRUE(names.contains(name)) << "no sample in schemas/golden sets " << name;
      }
    }
  }
}

TEST(GoldenSamplesTest, HoldOnlyIntentsThatAreWellFormed) {
  v1::Intent intent;
  for (const std::string& sample : golden_samples()) {
    if (!sample.starts_with("intent_")) continue;
    EXPECT_EQ(read_intent(golden_bytes(sample), intent), Readability::kIntent) << sample;
  }
}

}  // namespace
}  // namespace sluice
