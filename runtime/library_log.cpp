#include "runtime/library_log.h"

#include <google/protobuf/stubs/logging.h>

#include "runtime/log.h"

namespace sluice {
namespace {

void take_line(google::protobuf::LogLevel, const char* file, int line, const std::string& text) {
  log_debug("protobuf: {}:{}: {}", file, line, text);
}

}  // namespace

void take_library_logs() { google::protobuf::SetLogHandler(&take_line); }

}  // namespace sluice
