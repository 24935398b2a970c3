// Adapter (libmicrohttpd): what operators and Kubernetes ask a daemon: /livez, /readyz, /metrics. One thread of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "runtime/metrics.h"
#include "runtime/result.h"
#include "runtime/settings.h"

struct MHD_Daemon;

namespace sluice {

struct AdminSettings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
};
// admin.address and admin.port
void declare(SettingFields& fields, AdminSettings& settings);

// Empty: yes. Otherwise why not, for people. Called from the server's thread.
using HealthCheck = std::function<std::string()>;

class AdminServer {
 public:
  // `live`: no means "restart me"; `ready`: no means "send me no work". Borrows `metrics`.
  static Result<std::unique_ptr<AdminServer>> start(const AdminSettings& settings, const Metrics& metrics, HealthCheck live,
                                                    HealthCheck ready);
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  // The port that it listens on, also when port 0 (any free one) was asked for.
  std::uint16_t port() const { return port_; }

  struct Answer {
    unsigned status;
    const char* content_type;
    std::string body;
  };
  // What a GET of `path` gets. The log tells when the answer of /readyz has turned.
  Answer answer(const std::string& path);

 private:
  AdminServer(const Metrics& metrics, HealthCheck live, HealthCheck ready);
  Answer readiness();

  const Metrics& metrics_;
  const HealthCheck live_;
  const HealthCheck ready_;
  std::uint16_t port_ = 0;
  bool was_ready_ = false;  // of the server's thread
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace sluice
