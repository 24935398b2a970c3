// Shell: a journal of the buyers that is gone after the test, and what was written to it.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "tests/runtime/temporary_file.h"

namespace sluice {

class KeptJournal {
 public:
  const std::string& path() const { return file_.path(); }

  std::vector<std::string> lines() const {
    std::ifstream file(path());
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  // The word of each line that says what happened.
  std::vector<std::string> events() const {
    std::vector<std::string> found;
    for (const std::string& line : lines()) {
      const std::size_t at = line.find(R"("event":")") + 9;
      found.push_back(line.substr(at, line.find('"', at) - at));
    }
    return found;
  }

 private:
  TemporaryFile file_{""};
};

}  // namespace sluice
