#include "tests/tidy/limits.h"

#include <fmt/core.h>

#include <algorithm>
#include <regex>

namespace sluice::tidy {
namespace {

// Characters, not bytes: continuation bytes of UTF-8 do not count.
int columns_of(const std::string& line) {
  return static_cast<int>(std::count_if(line.begin(), line.end(), [](unsigned char c) { return (c & 0xc0) != 0x80; }));
}

// The code without its preprocessor lines and what they continue on.
std::string without_directives(std::string code) {
  bool directive = false;
  std::size_t begin = 0;
  for (const std::string& line : lines_of(code)) {
    const std::size_t first = line.find_first_not_of(" \t");
    directive = directive || (first != std::string::npos && line[first] == '#');
    if (directive) std::fill_n(code.begin() + static_cast<std::ptrdiff_t>(begin), line.size(), ' ');
    directive = directive && line.ends_with('\\');
    begin += line.size() + 1;
  }
  return code;
}

// Whether the block after `head` only holds declarations, and functions are to be looked for inside it.
bool opens_scope(const std::string& head) {
  static const std::regex kScope(R"(^\s*(template\s*<.*>\s*)?(inline\s+)?(namespace|class|struct|union|enum|extern)\b[^()]*$)");
  return std::regex_search(head, kScope);
}

// Whether it is the list of values after `name = `, of any length.
bool opens_values(const std::string& head) {
  int depth = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '(') ++depth;
    if (head[i] == ')') --depth;
    if (depth == 0 && head[i] == '=')
      return head.find("operator") == std::string::npos && head.find('[', i) == std::string::npos;
  }
  return false;
}

// The place after the brace that closes the one at `open`.
std::size_t end_of_block(const std::string& code, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < code.size(); ++i) {
    if (code[i] == '{') ++depth;
    if (code[i] == '}' && --depth == 0) return i + 1;
  }
  return code.size();
}

Problems long_functions(const Source& source) {
  Problems problems;
  const std::string code = without_directives(source.code);
  std::size_t head_begins = 0;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i] == ';' || code[i] == '}') head_begins = i + 1;
    if (code[i] != '{') continue;
    const std::string head = code.substr(head_begins, i - head_begins);
    head_begins = i + 1;
    if (opens_scope(head)) continue;
    const std::size_t end = end_of_block(code, i);
    const int first_line = line_at(code, i);
    const int lines = line_at(code, end) - first_line + 1;
    if (lines > kFunctionLinesMax && !opens_values(head)) {
      problems.push_back(
          {source.path, first_line,
           fmt::format("a function has at most {} lines, this one {}: give its steps names", kFunctionLinesMax, lines)});
    }
    i = end - 1;
    head_begins = end;
  }
  return problems;
}

}  // namespace

Problems limit_problems(const Source& source) {
  Problems problems;
  const std::vector<std::string> lines = lines_of(source.text);
  const auto count = static_cast<int>(lines.size());
  if (count > kFileLinesMax) {
    problems.push_back({source.path, kFileLinesMax,
                        fmt::format("a file has at most {} lines, this one {}: split it by nouns", kFileLinesMax, count)});
  }
  if (source.path.ends_with("/main.cpp") && count > kMainLinesMax) {
    problems.push_back(
        {source.path, kMainLinesMax,
         fmt::format("main.cpp has at most {} lines, this one {}: it only says what stands on what", kMainLinesMax, count)});
  }
  for (int i = 0; i < count && source.is_cpp(); ++i) {
    const int columns = columns_of(lines[static_cast<std::size_t>(i)]);
    if (columns <= kColumnsMax) continue;
    problems.push_back(
        {source.path, i + 1, fmt::format("a line has at most {} characters, this one {}: break it", kColumnsMax, columns)});
  }
  if (source.is_cpp()) {
    for (Problem& problem : long_functions(source)) problems.push_back(std::move(problem));
  }
  return problems;
}

}  // namespace sluice::tidy
