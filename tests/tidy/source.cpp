#include "tests/tidy/source.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace sluice::tidy {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Splits C++ into code and comments. Knows as much of the language as that takes.
class Splitter {
 public:
  explicit Splitter(Source& source) : source_(source), text_(source.text) {
    for (std::size_t i = 0; i < text_.size(); ++i) source_.code += text_[i] == '\n' ? '\n' : ' ';
    source_.comments = source_.code;
  }

  void split() {
    while (at_ < text_.size()) {
      if (starts("//")) {
        comment_until("\n");
      } else if (starts("/*")) {
        comment_until("*/");
        skip_to_end_of("*/");
      } else if (starts("R\"") && (at_ == 0 || !is_word(text_[at_ - 1]))) {
        skip_raw_string();
      } else if (text_[at_] == '"' || (text_[at_] == '\'' && (at_ == 0 || !is_word(text_[at_ - 1])))) {
        skip_literal(text_[at_]);
      } else {
        take(source_.code);
      }
    }
  }

 private:
  bool starts(std::string_view with) const { return text_.substr(at_).starts_with(with); }

  void take(std::string& into) {
    into[at_] = text_[at_];
    ++at_;
  }
  // Leaves what both begin as: spaces and line breaks.
  void skip() { ++at_; }
  void comment_until(std::string_view end) {
    while (at_ < text_.size() && !starts(end)) take(source_.comments);
  }
  void skip_to_end_of(std::string_view end) {
    const std::size_t found = text_.find(end, at_);
    const std::size_t stop = found == std::string_view::npos ? text_.size() : found + end.size();
    while (at_ < stop) skip();
  }
  void skip_raw_string() {
    const std::size_t opens = text_.find('(', at_);
    const std::string end = ")" + std::string(text_.substr(at_ + 2, opens - at_ - 2)) + "\"";
    take(source_.code);
    skip_to_end_of(end);
  }
  // Keeps the quotes, so that code still shows where a literal stands.
  void skip_literal(char quote) {
    take(source_.code);
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
      if (text_[at_] == '\\') skip();
      if (at_ < text_.size()) skip();
    }
    if (at_ < text_.size() && text_[at_] == quote) take(source_.code);
  }

  Source& source_;
  std::string_view text_;
  std::size_t at_ = 0;
};

// "#include <x>" or "#include "x"" as an Include with an empty header if it is none.
Include parse_include(std::string_view line, int number) {
  const std::size_t word = line.find_first_not_of(" \t#");
  const bool directive = line.find('#') < word && word != std::string_view::npos && line.substr(word).starts_with("include");
  if (!directive) return {number, "", false};
  const std::size_t opens = line.find_first_of("<\"", word);
  const std::size_t closes = line.find_last_of(">\"");
  if (opens == std::string_view::npos || closes <= opens) return {number, "", false};
  return {number, std::string(line.substr(opens + 1, closes - opens - 1)), line[opens] == '"'};
}

}  // namespace

Source::Source(std::string path_, std::string text_) : path(std::move(path_)), text(std::move(text_)) {
  if (!is_cpp()) {
    code = comments = text;
    return;
  }
  Splitter(*this).split();
  int number = 0;
  for (const std::string& line : lines_of(text)) {
    Include include = parse_include(line, ++number);
    if (!include.header.empty()) includes.push_back(std::move(include));
  }
}

bool Source::is_cpp() const { return path.ends_with(".h") || path.ends_with(".cpp"); }
bool Source::is_header() const { return path.ends_with(".h"); }
bool Source::is_test() const { return path.starts_with("tests/"); }
std::string Source::folder() const { return path.substr(0, path.find('/')); }

std::string Source::stem() const {
  const std::size_t slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  return name.substr(0, name.find('.'));
}

int line_at(std::string_view text, std::size_t place) {
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(place), '\n'));
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace sluice::tidy
