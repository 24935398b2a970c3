// The rules of the tree that a machine can check, over the whole tree. What each rule finds is tested in tests/tidy.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "tests/tidy/documents.h"
#include "tests/tidy/layers.h"
#include "tests/tidy/limits.h"
#include "tests/tidy/words.h"

namespace sluice::tidy {
namespace {

const std::set<std::string> kKinds = {".cpp", ".h", ".proto", ".py", ".sql", ".txt", ".cmake", ".js", ".yaml"};
// Made by programs, or listings whose lines are as long as they are.
const std::set<std::string> kSkippedFolders = {"build", "golden", "node_modules", "__pycache__"};

Tree read_tree() {
  Tree tree;
  for (auto entry = std::filesystem::recursive_directory_iterator(".");
       entry != std::filesystem::recursive_directory_iterator(); ++entry) {
    const std::string name = entry->path().filename();
    if (entry->is_directory()) {
      if (name.starts_with('.') || kSkippedFolders.contains(name)) entry.disable_recursion_pending();
      continue;
    }
    if (!kKinds.contains(entry->path().extension())) continue;
    const std::string path = entry->path().lexically_relative(".");
    std::ifstream file(entry->path(), std::ios::binary);
    tree.emplace(path, Source(path, {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()}));
  }
  return tree;
}

// Every file and folder, also those that no other rule reads.
std::set<std::string> list_paths() {
  std::set<std::string> paths;
  for (auto entry = std::filesystem::recursive_directory_iterator(".");
       entry != std::filesystem::recursive_directory_iterator(); ++entry) {
    const std::string name = entry->path().filename();
    const bool is_ours = !name.starts_with('.') || name == ".ci";
    if (!is_ours || name == "build" || name == "node_modules") entry.disable_recursion_pending();
    paths.insert(entry->path().lexically_relative("."));
  }
  return paths;
}

class TidyTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { tree_ = read_tree(); }

  static void report(const Problems& problems) {
    for (const Problem& problem : problems) ADD_FAILURE_AT(problem.path.c_str(), problem.line) << problem.text;
  }
  static inline Tree tree_;
};

TEST_F(TidyTest, SeesTheTree) {
  EXPECT_TRUE(tree_.contains("schemas/ids.h")) << "run it from the top of the tree";
  EXPECT_TRUE(tree_.contains("tests/tidy_test.cpp"));
}

TEST_F(TidyTest, FilesIncludeOnlyWhatTheirLayerMayKnow) {
  for (const auto& [path, source] : tree_) report(layer_problems(source, tree_));
}

TEST_F(TidyTest, FilesFunctionsAndLinesAreShort) {
  for (const auto& [path, source] : tree_) report(limit_problems(source));
}

TEST_F(TidyTest, NamesSaySomething) {
  for (const auto& [path, source] : tree_) report(name_problems(source));
}

TEST_F(TidyTest, NobodyFallsBackIntoBadHabits) {
  for (const auto& [path, source] : tree_) report(word_problems(source, tree_));
}

TEST_F(TidyTest, DocumentsNameWhatIsThere) {
  const std::set<std::string> paths = list_paths();
  Documents documents;
  for (const std::string& path : paths) {
    if (!path.ends_with(".md")) continue;
    std::ifstream file(path, std::ios::binary);
    documents.emplace(path, std::string{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
  }
  EXPECT_TRUE(documents.contains("README.md"));
  for (const auto& [path, text] : documents) report(document_problems(path, documents, paths));
}

}  // namespace
}  // namespace sluice::tidy
