#include "tests/tidy/layers.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace sluice::tidy {
namespace {

struct Library {
  std::string_view name;                  // as a tag names it; a version may follow
  std::vector<std::string_view> headers;  // how they begin
};

// Every adapter may speak to the system too: sockets, files, signals.
const std::vector<std::string_view> kSystem = {"sys/",     "netinet/", "arpa/",   "netdb.h",  "poll.h",
                                               "unistd.h", "fcntl.h",  "sched.h", "signal.h", "strings.h"};

const std::vector<Library> kLibraries = {
    {"CLI11", {"CLI/"}},
    {"hiredis", {"hiredis/"}},
    {"kafka/", {}},  // our own folders, which hide librdkafka and hiredis
    {"redis/", {}},
    {"libcurl", {"curl/"}},
    {"libjwt", {"jwt.h"}},
    {"libmicrohttpd", {"microhttpd.h"}},
    {"librdkafka", {"librdkafka/"}},
    {"Linux", kSystem},
    {"MySQL Connector/C++", {"cppconn/", "mysql_"}},
    {"OpenSSL", {"openssl/"}},
    {"POSIX", kSystem},
    {"prometheus-cpp", {"prometheus/"}},
    {"RocksDB", {"rocksdb/"}},
    {"simdjson", {"simdjson.h"}},
    {"spdlog", {"spdlog/"}},
    {"yaml-cpp", {"yaml-cpp/"}},
};
// Text, spans and dates as values, containers, hashing, generated messages: everybody may use them.
const std::vector<std::string_view> kEverywhere = {"fmt/",          "absl/container/", "absl/functional/", "absl/hash/",
                                                   "absl/strings/", "absl/time/",      "xxhash.h",         "google/protobuf/"};
// Hashing is pure too, even with a library.
const std::vector<std::string_view> kHashing = {"openssl/sha.h", "openssl/hmac.h", "openssl/evp.h", "openssl/crypto.h"};
// The standard's headers with I/O, clocks or threads. <chrono> is not among them: spans of time are values (see words.cpp).
const std::set<std::string_view> kImpure = {
    "atomic",  "barrier",   "condition_variable", "csignal",    "cstdio",     "ctime", "filesystem",
    "fstream", "future",    "iostream",           "istream",    "latch",      "mutex", "ostream",
    "random",  "semaphore", "shared_mutex",       "stop_token", "syncstream", "thread"};
// CHECK prints before it aborts.
constexpr std::string_view kCheck = "runtime/check.h";

const std::set<std::string_view> kDaemons = {"ingest", "ledger", "sink", "reaper"};

bool begins_with_any(std::string_view header, const std::vector<std::string_view>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(), [&](std::string_view b) { return header.starts_with(b); });
}

bool is_standard(std::string_view header) { return header.find_first_of("./") == std::string_view::npos; }
bool is_generated(std::string_view header) { return header.ends_with(".pb.h"); }

std::optional<Layer> tag_of(std::string_view first_line) {
  constexpr std::string_view kAdapterTag = "// Adapter (";
  if (first_line.starts_with("// Pure: ")) return Layer{Layer::Kind::kPure, {}};
  if (first_line.starts_with("// Shell: ")) return Layer{Layer::Kind::kShell, {}};
  const std::size_t end = first_line.find("): ");
  if (!first_line.starts_with(kAdapterTag) || end == std::string_view::npos) return std::nullopt;
  Layer layer{Layer::Kind::kAdapter, {}};
  std::string_view names = first_line.substr(kAdapterTag.size(), end - kAdapterTag.size());
  while (!names.empty()) {
    const std::size_t comma = std::min(names.find(", "), names.size());
    layer.libraries.emplace_back(names.substr(0, comma));
    names.remove_prefix(std::min(comma + 2, names.size()));
  }
  return layer;
}

std::string remedy_for_tag() {
  return "begin the first line with '// Pure: ', '// Shell: ' or '// Adapter (Library): ' and its purpose";
}

// Empty: allowed.
std::string problem_of_pure(const Include& include, const Source& source, const Tree& tree) {
  if (include.project) {
    if (is_generated(include.header)) return {};
    const auto found = tree.find(include.header);
    const auto layer = found == tree.end() ? std::nullopt : layer_of(found->second, tree);
    if (!layer || layer->kind == Layer::Kind::kPure) return {};
    return "a Pure file includes only Pure ones: take a value or a port as a parameter instead";
  }
  if (is_standard(include.header)) {
    if (!kImpure.contains(include.header) || source.path == kCheck) return {};
    return "a Pure file has no I/O, clock, thread or chance: leave that to its shell, and take values";
  }
  if (begins_with_any(include.header, kEverywhere) || begins_with_any(include.header, kHashing)) return {};
  return "a Pure file uses no library beyond containers, hashing, text and protobuf: hide it in an adapter";
}

std::string problem_of_library(const Include& include, const Layer& layer) {
  if (include.project || is_standard(include.header) || begins_with_any(include.header, kEverywhere)) return {};
  const bool adapter = layer.kind == Layer::Kind::kAdapter;
  if (adapter && begins_with_any(include.header, kSystem)) return {};
  for (const Library& library : kLibraries) {
    if (!begins_with_any(include.header, library.headers)) continue;
    const bool named = std::any_of(layer.libraries.begin(), layer.libraries.end(),
                                   [&](const std::string& name) { return name.starts_with(library.name); });
    if (named) return {};
    return fmt::format("only an adapter that names {} on its first line includes it: use that one, or write one", library.name);
  }
  return "no library of ours: add it to kLibraries in tests/tidy/layers.cpp, and hide it in an adapter";
}

// An oracle that shares code with what it judges shares its mistakes.
std::string problem_of_oracle(const Include& include, const Source& source) {
  constexpr std::string_view kOracle = "tests/simulation/oracle/";
  const std::string& header = include.header;
  const bool of_formats = header.starts_with("schemas/") && (is_generated(header) || header == "schemas/ids.h");
  if (!source.path.starts_with(kOracle) || !include.project || header.starts_with(kOracle) || of_formats) return {};
  return "the oracle of the simulation knows the formats and itself, and nothing of what it judges: write the rule anew there";
}

// What the files of a folder may include, besides the folder itself.
std::string problem_of_direction(const Include& include, const Source& source, const Tree& tree) {
  if (!include.project || source.is_test()) return {};
  const std::string from = source.folder();
  const std::string to = include.header.substr(0, include.header.find('/'));
  if (from == to) return {};
  if (to == "tests") return "nothing that is shipped includes tests";
  if (kDaemons.contains(to)) {
    if (from != "ctl")
      return "no daemon includes another, and nothing shared a daemon: move what both need to schemas/ or runtime/";
    const auto found = tree.find(include.header);
    const auto layer = found == tree.end() ? std::nullopt : layer_of(found->second, tree);
    if (is_generated(include.header) || (layer && layer->kind == Layer::Kind::kPure)) return {};
    return "ctl includes only what is Pure of a daemon";
  }
  if (from == "runtime") return "runtime/ knows nothing of what it runs: it includes only itself";
  if (from == "schemas" && include.header != kCheck && include.header != "runtime/result.h") {
    return "schemas/ stands at the bottom: besides itself it includes only runtime/check.h and runtime/result.h";
  }
  if (from == "kafka" || from == "redis") {
    if (to != "runtime" && to != "schemas") return "kafka/ and redis/ include only themselves, runtime/ and schemas/";
  }
  return {};
}

}  // namespace

std::optional<Layer> layer_of(const Source& source, const Tree& tree) {
  const std::string first_line(source.text.substr(0, source.text.find('\n')));
  if (source.is_header()) return tag_of(first_line);
  if (source.stem() == "main") return Layer{Layer::Kind::kMain, {}};
  const std::string header = source.path.substr(0, source.path.rfind('.')) + ".h";
  if (const auto found = tree.find(header); found != tree.end()) return layer_of(found->second, tree);
  return tag_of(first_line);
}

Problems layer_problems(const Source& source, const Tree& tree) {
  if (!source.is_cpp()) return {};
  const auto layer = layer_of(source, tree);
  Problems problems;
  if (source.is_test()) {
    if (!layer && source.is_header()) problems.push_back({source.path, 1, remedy_for_tag()});
    for (const Include& include : source.includes) {
      const std::string problem = problem_of_oracle(include, source);
      if (!problem.empty()) problems.push_back({source.path, include.line, fmt::format("{}: {}", include.header, problem)});
    }
    return problems;
  }
  if (!layer) return {{source.path, 1, remedy_for_tag()}};
  if (source.is_header() && source.code.find("#pragma once") == std::string::npos) {
    problems.push_back({source.path, 1, "a header has '#pragma once'"});
  }
  for (const std::string& name : layer->libraries) {
    const bool known =
        std::any_of(kLibraries.begin(), kLibraries.end(), [&](const Library& l) { return name.starts_with(l.name); });
    if (!known) problems.push_back({source.path, 1, name + " is no library that tests/tidy/layers.cpp knows: add it there"});
  }
  for (const Include& include : source.includes) {
    std::string problem = problem_of_direction(include, source, tree);
    if (problem.empty() && layer->kind == Layer::Kind::kPure) problem = problem_of_pure(include, source, tree);
    if (problem.empty() && layer->kind != Layer::Kind::kPure) problem = problem_of_library(include, *layer);
    if (!problem.empty()) problems.push_back({source.path, include.line, fmt::format("{}: {}", include.header, problem)});
  }
  return problems;
}

}  // namespace sluice::tidy
