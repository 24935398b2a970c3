#include "tests/tidy/words.h"

#include <fmt/core.h>

#include <cctype>
#include <functional>
#include <regex>
#include <set>

namespace sluice::tidy {
namespace {

const std::set<std::string> kEmptyWords = {"util",    "utils",   "common",   "helper",    "helpers",
                                           "manager", "handler", "handlers", "data",      "info",
                                           "base",    "impl",    "managers", "processor", "processors"};

// "order_rows", "OrderRows" and "ORDER_ROWS" are the words order and rows.
std::vector<std::string> words_of(const std::string& name) {
  std::vector<std::string> words;
  char before = '_';
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool starts = std::isupper(byte) != 0 && std::isupper(static_cast<unsigned char>(before)) == 0;
    if (std::isalnum(byte) == 0) {
      before = '_';
      continue;
    }
    if (words.empty() || before == '_' || starts) words.emplace_back();
    words.back() += static_cast<char>(std::tolower(byte));
    before = c;
  }
  return words;
}

void judge_name(const Source& source, int line, const std::string& name, Problems& problems) {
  for (const std::string& word : words_of(name)) {
    if (!kEmptyWords.contains(word)) continue;
    problems.push_back(
        {source.path, line, fmt::format("'{}' in {} says nothing: name it after what it is or lets one do", word, name)});
  }
}

void for_each_match(const std::string& text, const std::regex& pattern, const std::function<void(const std::smatch&)>& found) {
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match) found(*match);
}

// A habit and its remedy.
struct Ban {
  std::regex pattern;
  bool in_comments;
  std::function<bool(const Source&, const std::optional<Layer>&)> applies;
  std::string remedy;
};

bool everywhere(const Source&, const std::optional<Layer>&) { return true; }
bool in_cpp(const Source& source, const std::optional<Layer>&) { return source.is_cpp(); }
bool in_tests(const Source& source, const std::optional<Layer>&) {
  return source.is_cpp() && source.is_test() && source.path != "tests/runtime/comes_true.h";
}
bool in_cmake(const Source& source, const std::optional<Layer>&) { return source.path.ends_with("CMakeLists.txt"); }
bool outside_adapters(const Source& source, const std::optional<Layer>& layer) {
  return source.is_cpp() && !source.is_test() && !(layer && layer->kind == Layer::Kind::kAdapter);
}
bool in_pure(const Source& source, const std::optional<Layer>& layer) {
  return source.is_cpp() && !source.is_test() && layer && layer->kind == Layer::Kind::kPure;
}
bool beside_the_clock(const Source& source, const std::optional<Layer>& layer) {
  return outside_adapters(source, layer) && source.path != "runtime/clock.cpp";
}

const std::vector<Ban>& bans() {
  static const std::vector<Ban> kBans = {
      {std::regex(R"(\b(TODO|FIXME|XXX|HACK)\b)"), true, everywhere, "do it now, or file an issue and leave no mark"},
      {std::regex(R"(\b(shared_ptr|make_shared|weak_ptr)\b)"), false, in_cpp,
       "one owner: a value or unique_ptr; borrow by reference"},
      {std::regex(R"(\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\()"), false, in_tests,
       "wait for the thing itself: a queue, a signal, a reader's time-out; or ask with tests/runtime/comes_true.h"},
      {std::regex(R"(\b(throw|catch)\b)"), false, outside_adapters,
       "exceptions stay inside the adapter of the library that throws: return a Result, or CHECK"},
      {std::regex(R"(\bsystem_clock::now\b|\b(gettimeofday|clock_gettime)\b|\bstd::time\b|\babsl::Now\b)"), false,
       beside_the_clock, "take now_ms as a parameter; in the shell, ask runtime/clock.h"},
      {std::regex(R"(\bsteady_clock::now\b)"), false, in_pure, "a rule knows no time but the log's: take it as a parameter"},
      {std::regex(R"(\bGLOB(_RECURSE)?\b)"), false, in_cmake, "list the sources"},
  };
  return kBans;
}

}  // namespace

Problems name_problems(const Source& source) {
  static const std::regex kType(
      R"(\b(class|struct|union|enum class|enum struct|enum|message)\s+(?:\[\[\w+\]\]\s*)?(\w+)[^;(){}]*\{)");
  static const std::regex kAlias(R"(\busing\s+(\w+)\s*=)");
  Problems problems;
  judge_name(source, 1, source.path.substr(0, source.path.rfind('.')), problems);
  if (source.is_cpp() || source.path.ends_with(".proto")) {
    for_each_match(source.code, kType, [&](const std::smatch& match) {
      judge_name(source, line_at(source.code, static_cast<std::size_t>(match.position(2))), match[2], problems);
    });
  }
  if (source.is_cpp()) {
    for_each_match(source.code, kAlias, [&](const std::smatch& match) {
      judge_name(source, line_at(source.code, static_cast<std::size_t>(match.position(1))), match[1], problems);
    });
  }
  return problems;
}

Problems word_problems(const Source& source, const Tree& tree) {
  Problems problems;
  const auto layer = source.is_cpp() ? layer_of(source, tree) : std::nullopt;
  for (const Ban& ban : bans()) {
    if (!ban.applies(source, layer)) continue;
    const std::string& searched = ban.in_comments ? source.comments : source.code;
    for_each_match(searched, ban.pattern, [&](const std::smatch& match) {
      problems.push_back({source.path, line_at(searched, static_cast<std::size_t>(match.position())),
                          fmt::format("no '{}': {}", match.str(), ban.remedy)});
    });
  }
  return problems;
}

}  // namespace sluice::tidy
