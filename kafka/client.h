// Adapter (librdkafka): what the classes of this folder share: configuring a client, starting it, naming its errors.
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <string>
#include <string_view>

#include "kafka/client_settings.h"
#include "kafka/handles.h"
#include "kafka/offset_watch.h"
#include "runtime/result.h"

namespace sluice::kafka {

// A client's configuration. Names and values are written in this folder, so one that the library refuses is our mistake.
class Configuration {
 public:
  explicit Configuration(const ClientSettings& settings);
  ~Configuration();
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

  Configuration& set(const char* name, const std::string& value);
  Configuration& set(const char* name, std::int64_t value) { return set(name, std::to_string(value)); }
  // `events`: RD_KAFKA_EVENT_…; what is not asked for is logged or dropped by the library.
  Configuration& events(int events);

  // `watch` outlives the client.
  Configuration& watch_offsets(OffsetWatch& watch);

  // REQUIRES: called once.
  Result<ClientHandle> start(rd_kafka_type_t type);

 private:
  rd_kafka_conf_t* conf_;
  std::string brokers_;
};

// "what: the library's text (CODE)".
std::string describe(std::string_view what, rd_kafka_resp_err_t code, const char* text = nullptr);

// Whether the code says that another client has taken over what this one owned.
bool is_fenced(rd_kafka_resp_err_t code);

// The library takes int milliseconds.
inline int to_int(std::chrono::milliseconds wait) { return static_cast<int>(wait.count()); }

}  // namespace sluice::kafka
