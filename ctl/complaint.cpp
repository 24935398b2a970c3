#include "ctl/complaint.h"

#include <fmt/core.h>

#include <cstdio>

namespace sluice {

ExitCode fail_usage(const std::string& message) {
  fmt::print(stderr, "sluicectl: {}\n", message);
  return ExitCode::kUsage;
}

ExitCode fail(const Error& error, std::string_view besides) {
  const bool is_unknown = error.kind == Error::Kind::kRetryable;
  fmt::print(stderr, "sluicectl: {}{}\n", error.message, is_unknown ? besides : "");
  return is_unknown ? ExitCode::kUnknown : ExitCode::kRefused;
}

ExitCode fail(const Error& error, const std::string& what, const Cluster& cluster, const std::vector<std::string>& again) {
  fmt::print(stderr, "sluicectl: {}: {}\n", what, error.message);
  if (error.kind != Error::Kind::kRetryable) return ExitCode::kRefused;
  std::vector<std::string> words = {"sluicectl"};
  words.insert(words.end(), again.begin(), again.end());
  words.insert(words.end(), {"--brokers", cluster.brokers, "--timeout", std::to_string(cluster.timeout.count())});
  fmt::print(stderr, "Run the same command again, it counts once:\n  {}\n", shell_line(words));
  return ExitCode::kUnknown;
}

}  // namespace sluice
