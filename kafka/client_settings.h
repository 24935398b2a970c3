// Pure: what every Kafka client of a process is told from outside.
#pragma once

#include <string>

namespace sluice::kafka {

struct ClientSettings {
  std::string brokers;  // host:port[,host:port…], to bootstrap from
  std::string name;     // client.id: how brokers' logs and quotas name this process
};

}  // namespace sluice::kafka
