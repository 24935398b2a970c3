// Pure: a file of the tree as the tidy rules see it: its text, split into code and comments, and what it includes.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::tidy {

struct Include {
  int line;  // from 1
  std::string header;
  bool project;  // in quotes
};

struct Source {
  // `path`: from the top of the tree.
  Source(std::string path, std::string text);

  bool is_cpp() const;         // .h or .cpp
  bool is_header() const;      // .h
  bool is_test() const;        // below tests/
  std::string folder() const;  // the first part of the path
  std::string stem() const;    // the name without folders and extension

  std::string path;
  std::string text;
  // Both are as long as `text`, with the same line breaks and spaces for what was taken out. Of C++, `code` has no comments and
  // no content of literals, and `comments` has nothing else; of other languages both are the text.
  std::string code;
  std::string comments;
  std::vector<Include> includes;
};

// By path.
using Tree = std::map<std::string, Source>;

// What breaks a rule: where, what, and what to do instead.
struct Problem {
  std::string path;
  int line;
  std::string text;
};
using Problems = std::vector<Problem>;

// The line of the character at `place`, from 1.
int line_at(std::string_view text, std::size_t place);

std::vector<std::string> lines_of(std::string_view text);

}  // namespace sluice::tidy
