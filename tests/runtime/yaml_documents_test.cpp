#include "runtime/yaml_documents.h"

#include <gmock/gmock.h>

namespace sluice {
namespace {

using testing::StartsWith;

std::size_t count_of(const std::string& yaml) {
  const auto documents = count_yaml_documents(yaml, "a.yaml");
  EXPECT_TRUE(documents.ok()) << (documents ? "" : documents.error().message);
  return documents ? *documents : 0;
}

std::string problem_of(const std::string& yaml) {
  const auto documents = count_yaml_documents(yaml, "a.yaml");
  EXPECT_FALSE(documents.ok()) << yaml;
  return documents ? "" : documents.error().message;
}

TEST(YamlDocuments, AreCounted) {
  EXPECT_EQ(count_of(""), 0);
  EXPECT_EQ(count_of("# nothing\n"), 0);
  EXPECT_EQ(count_of("a: 1\n"), 1);
  EXPECT_EQ(count_of("---\na: 1\n...\n"), 1);
  EXPECT_EQ(count_of("a: 1\n---\nb: 2\n"), 2);
  EXPECT_EQ(count_of("---\n---\n---\n"), 3) << "empty ones, too";
}

TEST(YamlDocuments, ACharacterThatBelongsNowhereIsNoEndlessRowOfThem) {
  EXPECT_EQ(problem_of(",\n"), "a.yaml:1: is no YAML: a ',' or the like that belongs nowhere");
  EXPECT_EQ(problem_of("a: 1\n---\n[b]\n,\n"), "a.yaml:4: is no YAML: a ',' or the like that belongs nowhere");
  for (const std::string stray : {",", "]", "}", ", a: 1", "],", "}\n---\n}"}) {
    EXPECT_THAT(problem_of(stray + "\n"), StartsWith("a.yaml:1: is no YAML: "));
    EXPECT_THAT(problem_of("a: 1\n" + stray + "\n"), StartsWith("a.yaml:2: is no YAML: "));
  }
}

TEST(YamlDocuments, TheLineOfWhatIsNoYamlIsNamed) {
  EXPECT_THAT(problem_of("a: 1\nb: [c\n"), StartsWith("a.yaml:3: is no YAML: "));
}

}  // namespace
}  // namespace sluice
