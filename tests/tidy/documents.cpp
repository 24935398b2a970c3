#include "tests/tidy/documents.h"

#include <cctype>
#include <filesystem>
#include <regex>
#include <sstream>

namespace sluice::tidy {
namespace {

// What a program makes, or the system has.
const std::set<std::string> kNotOfTheTree = {"build"};

// As the heading's address is made of its text: small letters, no punctuation, hyphens for spaces.
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char c : heading) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ') anchor += '-';
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || byte > 127) anchor += static_cast<char>(std::tolower(byte));
  }
  return anchor;
}

bool has_heading(const std::string& text, const std::string& anchor) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t begin = line.find_first_not_of('#');
    if (begin == 0 || begin == std::string::npos || line[begin] != ' ') continue;
    if (anchor_of(line.substr(begin + 1)) == anchor) return true;
  }
  return false;
}

bool is_there(const std::string& name, const std::set<std::string>& paths) {
  const auto at = paths.lower_bound(name);
  return at != paths.end() && (*at == name || at->starts_with(name + "."));
}

std::string without_slash(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  return path;
}

class Reading {
 public:
  Reading(const std::string& path, const Documents& documents, const std::set<std::string>& paths)
      : path_(path), documents_(documents), paths_(paths) {}

  Problems read() {
    std::istringstream lines(documents_.at(path_));
    bool in_block = false;
    for (std::string line; std::getline(lines, line);) {
      ++line_;
      if (line.starts_with("```")) in_block = !in_block;
      if (in_block) continue;
      read_links(line);
      read_names(line);
    }
    return std::move(problems_);
  }

 private:
  void read_links(const std::string& line) {
    static const std::regex kLink(R"(\]\(([^)#\s]*)(?:#([^)\s]*))?\))");
    for (std::sregex_iterator link(line.begin(), line.end(), kLink), end; link != end; ++link) {
      const std::string target = (*link)[1];
      if (target.find("://") != std::string::npos) continue;
      const std::string file =
          target.empty() ? path_ : (std::filesystem::path(path_).parent_path() / target).lexically_normal().string();
      if (!paths_.contains(without_slash(file))) {
        problem("links to '" + target + "', which is not there");
      } else if ((*link)[2].matched && documents_.contains(file) && !has_heading(documents_.at(file), (*link)[2])) {
        problem("links to the heading '#" + (*link)[2].str() + "', which " + file + " has not");
      }
    }
  }

  void read_names(const std::string& line) {
    static const std::regex kName(R"(`((?:[\w.-]+/)+[\w.-]*)`)");
    for (std::sregex_iterator name(line.begin(), line.end(), kName), end; name != end; ++name) {
      const std::string named = without_slash((*name)[1]);
      const std::string folder = named.substr(0, named.find('/'));
      if (!paths_.contains(folder) || kNotOfTheTree.contains(folder)) continue;
      if (!is_there(named, paths_)) problem("names `" + named + "`, which is not there");
    }
  }

  void problem(const std::string& text) { problems_.push_back({path_, line_, text}); }

  const std::string& path_;
  const Documents& documents_;
  const std::set<std::string>& paths_;
  int line_ = 0;
  Problems problems_;
};

}  // namespace

Problems document_problems(const std::string& path, const Documents& documents, const std::set<std::string>& paths) {
  return Reading(path, documents, paths).read();
}

}  // namespace sluice::tidy
