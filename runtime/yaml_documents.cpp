#include "runtime/yaml_documents.h"

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <optional>
#include <sstream>

namespace sluice {
namespace {

// Keeps where the document began that the parser is telling of, and drops the rest.
class Beginnings : public YAML::EventHandler {
 public:
  const YAML::Mark& last() const { return last_; }

  void OnDocumentStart(const YAML::Mark& mark) override { last_ = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  YAML::Mark last_;
};

Error no_yaml(const std::string& path, const YAML::Mark& mark, const std::string& why) {
  return Error::fatal(fmt::format("{}:{}: is no YAML: {}", path, mark.line + 1, why));
}

}  // namespace

Result<std::size_t> count_yaml_documents(const std::string& yaml, const std::string& path) {
  try {
    std::istringstream stream(yaml);
    YAML::Parser parser(stream);
    Beginnings beginnings;
    std::size_t documents = 0;
    std::optional<int> place;  // where the last document began; the parser stands still if the next one begins there, too
    while (parser.HandleNextDocument(beginnings)) {
      if (place == beginnings.last().pos) return no_yaml(path, beginnings.last(), "a ',' or the like that belongs nowhere");
      place = beginnings.last().pos;
      ++documents;
    }
    return documents;
  } catch (const YAML::Exception& wrong) {
    return no_yaml(path, wrong.mark, wrong.msg);
  }
}

}  // namespace sluice
