#include "tests/redis/redis_server.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tests/runtime/comes_true.h"

namespace sluice {
namespace {

constexpr int kStartAttempts = 5;  // another program may take the port between our look and Redis's bind

bool says_ready(const std::string& log) {
  std::ifstream file(log);
  const std::string said{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return said.find("Ready to accept connections") != std::string::npos;
}

}  // namespace

RedisServer::RedisServer(std::string password) : password_(std::move(password)) {
  for (int attempt = 0; attempt < kStartAttempts; ++attempt) {
    port_ = free_port();
    if (try_start()) return;
  }
  throw std::runtime_error("redis-server does not start: is Debian's package redis-server installed?");
}

void RedisServer::start() {
  if (!try_start()) throw std::runtime_error(fmt::format("redis-server does not start again on port {}", port_));
}

bool RedisServer::try_start() {
  std::vector<std::string> words = {
      "redis-server", "--port", std::to_string(port_), "--bind", "127.0.0.1", "--dir", folder_.path(),
      "--save",       "",       "--appendonly",        "no"};
  if (!password_.empty()) words.insert(words.end(), {"--requirepass", password_});
  const std::string log = folder_.path() / "log";
  std::filesystem::remove(log);
  process_ = std::make_unique<ChildProcess>(words, log);
  bool ready = false;
  (void)comes_true([&] {
    const bool ended = process_->has_ended();
    ready = says_ready(log);
    return ready || ended;
  });
  if (!ready) kill();
  return ready;
}

void RedisServer::kill() { process_.reset(); }
void RedisServer::pause() { process_->pause(); }
void RedisServer::resume() { process_->resume(); }

}  // namespace sluice
