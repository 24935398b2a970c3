#include "tests/redis/redis_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {
namespace {

constexpr int kStartAttempts = 5;       // another program may take the port between our look and Redis's bind
constexpr int kStartTimeoutMs = 10000;  // without a line of log

int free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(fd);
  if (!bound) throw std::runtime_error("no free loopback port for redis-server");
  return ntohs(address.sin_port);
}

// In the child: becomes redis-server. Its output is the test's pipe; it ends when the test does, however that ends.
[[noreturn]] void become_redis(int port, const std::string& folder, const std::string& password, int output) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  const std::string port_text = std::to_string(port);
  std::vector<const char*> words = {"redis-server", "--port", port_text.c_str(), "--bind", "127.0.0.1", "--dir", folder.c_str(),
                                    "--save",       "",       "--appendonly",    "no"};
  if (!password.empty()) words.insert(words.end(), {"--requirepass", password.c_str()});
  words.push_back(nullptr);
  execvp(words[0], const_cast<char* const*>(words.data()));
  constexpr std::string_view kMissing = "cannot run redis-server\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, kMissing.data(), kMissing.size());
  _exit(127);
}

}  // namespace

RedisServer::RedisServer(std::string password) : password_(std::move(password)) {
  std::string pattern = std::filesystem::temp_directory_path() / "sluice-redis-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a folder for redis-server: " + pattern);
  folder_ = pattern;
  for (int attempt = 0; attempt < kStartAttempts; ++attempt) {
    port_ = free_port();
    if (try_start()) return;
  }
  std::filesystem::remove_all(folder_);
  throw std::runtime_error("redis-server does not start: is Debian's package redis-server installed?");
}

RedisServer::~RedisServer() {
  kill();
  std::filesystem::remove_all(folder_);
}

void RedisServer::start() {
  if (!try_start()) throw std::runtime_error(fmt::format("redis-server does not start again on port {}", port_));
}

bool RedisServer::try_start() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  pid_ = fork();
  if (pid_ == 0) become_redis(port_, folder_, password_, ends[1]);
  close(ends[1]);
  output_ = ends[0];
  if (pid_ > 0 && wait_until_ready()) return true;
  kill();
  return false;
}

bool RedisServer::wait_until_ready() {
  std::string log;
  std::array<char, 4096> bytes{};
  pollfd readable{output_, POLLIN, 0};
  while (poll(&readable, 1, kStartTimeoutMs) == 1) {
    const ssize_t size = read(output_, bytes.data(), bytes.size());
    if (size <= 0) return false;  // it ended
    log.append(bytes.data(), static_cast<std::size_t>(size));
    if (log.find("Ready to accept connections") != std::string::npos) return true;
  }
  return false;
}

void RedisServer::kill() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  pid_ = -1;
  if (output_ >= 0) close(output_);
  output_ = -1;
}

void RedisServer::pause() { ::kill(pid_, SIGSTOP); }
void RedisServer::resume() { ::kill(pid_, SIGCONT); }

}  // namespace sluice
