// Shell: how a command says on stderr that it failed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ctl/cluster.h"
#include "ctl/verdict_text.h"
#include "runtime/result.h"

namespace sluice {

// The command line or the file is wrong.
ExitCode fail_usage(const std::string& message);

// Retryable: nobody knows; otherwise: no. `besides` follows the message where nobody knows.
ExitCode fail(const Error& error, std::string_view besides = "");

// An intent may have been sent. If so, says how to ask again: with these words, which count once. `what`: the act.
ExitCode fail(const Error& error, const std::string& what, const Cluster& cluster, const std::vector<std::string>& again);

}  // namespace sluice
