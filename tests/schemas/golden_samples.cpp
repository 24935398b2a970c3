#include "tests/schemas/golden_samples.h"

#include <fmt/core.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "schemas/dead_letter.pb.h"
#include "schemas/intent.pb.h"
#include "schemas/order_record.pb.h"

namespace sluice {
namespace {

const std::filesystem::path kFolder = "schemas/golden";
constexpr int kBytesPerLine = 16;

}  // namespace

std::vector<const google::protobuf::FileDescriptor*> message_files() {
  return {v1::Intent::descriptor()->file(), v1::OrderRecord::descriptor()->file(), v1::DeadLetter::descriptor()->file()};
}

std::string golden_file(const std::string& name) {
  std::ifstream file(kFolder / name, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << kFolder / name << " is missing";
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::string> golden_samples() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".textproto") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::unique_ptr<google::protobuf::Message> empty_like(const std::string& sample) {
  if (sample.starts_with("intent_")) return std::make_unique<v1::Intent>();
  if (sample.starts_with("dead_letter_")) return std::make_unique<v1::DeadLetter>();
  EXPECT_TRUE(sample.starts_with("record_")) << sample << ": a sample is named intent_…, record_… or dead_letter_…";
  return std::make_unique<v1::OrderRecord>();
}

std::unique_ptr<google::protobuf::Message> golden_message(const std::string& sample) {
  auto message = empty_like(sample);
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(golden_file(sample + ".textproto"), message.get())) << sample;
  return message;
}

std::string golden_bytes(const std::string& sample) {
  std::istringstream words(golden_file(sample + ".hex"));
  std::string bytes;
  for (std::string word; words >> word;) bytes += static_cast<char>(std::stoi(word, nullptr, 16));
  return bytes;
}

std::string to_hex(const std::string& bytes) {
  std::string hex;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const bool line_ends = i % kBytesPerLine == kBytesPerLine - 1 || i + 1 == bytes.size();
    hex += fmt::format("{:02x}{}", static_cast<unsigned char>(bytes[i]), line_ends ? '\n' : ' ');
  }
  return hex;
}

}  // namespace sluice
