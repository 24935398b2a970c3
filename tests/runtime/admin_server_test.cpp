#include "runtime/admin_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>

namespace sluice {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// What the server on `port` of 127.0.0.1 answers, status line and headers included.
std::string ask(std::uint16_t port, const std::string& request_line) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const std::string request = request_line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  EXPECT_EQ(::send(socket, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  std::string answer;
  std::array<char, 4096> buffer;
  for (ssize_t got = 0; (got = ::recv(socket, buffer.data(), buffer.size(), 0)) > 0;) {
    answer.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(socket);
  return answer;
}

class AdminServerTest : public testing::Test {
 protected:
  AdminServerTest() : server_(std::move(start({})).value()) {}

  Result<std::unique_ptr<AdminServer>> start(const AdminSettings& settings) {
    return AdminServer::start(
        settings, metrics_, [] { return ""; }, [this] { return ready_ ? "" : "no lane runs yet"; });
  }

  Metrics metrics_;
  std::atomic<bool> ready_ = false;
  std::unique_ptr<AdminServer> server_;
};

TEST_F(AdminServerTest, SaysThatItLives) {
  EXPECT_THAT(ask(server_->port(), "GET /livez"), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\nok\n")));
}

TEST_F(AdminServerTest, SaysWhyItIsNotReadyUntilItIs) {
  EXPECT_THAT(ask(server_->port(), "GET /readyz"), AllOf(StartsWith("HTTP/1.1 503 "), EndsWith("\r\n\r\nno lane runs yet\n")));
  ready_ = true;
  EXPECT_THAT(ask(server_->port(), "GET /readyz"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(AdminServerTest, LogsWhenItsReadinessTurnsAndNotEachTimeItIsAsked) {
  testing::internal::CaptureStderr();
  for (const bool ready : {false, true, true, false, false}) {
    ready_ = ready;
    ask(server_->port(), "GET /readyz");
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::MatchesRegex("[^\n]*info ready\n[^\n]*warning not ready: no lane runs yet\n"));
}

TEST_F(AdminServerTest, ServesTheMetrics) {
  metrics_.counter("sluice_x_total", "X").Increment();
  EXPECT_THAT(ask(server_->port(), "GET /metrics"),
              AllOf(HasSubstr("Content-Type: text/plain; version=0.0.4\r\n"), HasSubstr("sluice_x_total 1\n")));
}

TEST_F(AdminServerTest, RefusesWhatItDoesNotServe) {
  EXPECT_THAT(ask(server_->port(), "GET /"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(ask(server_->port(), "POST /livez"), StartsWith("HTTP/1.1 405 "));
}

TEST_F(AdminServerTest, NamesAPortThatIsTaken) {
  const auto second = start({.address = "127.0.0.1", .port = server_->port()});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().message, "admin server: cannot listen on 127.0.0.1:" + std::to_string(server_->port()) +
                                        ": Address already in use; free the port or set another admin.port");
}

TEST_F(AdminServerTest, TakesItsPortAgainAfterARestart) {
  const std::uint16_t port = server_->port();
  EXPECT_THAT(ask(port, "GET /livez"), StartsWith("HTTP/1.1 200 "));
  server_.reset();
  const auto again = start({.address = "127.0.0.1", .port = port});
  EXPECT_TRUE(again.ok()) << again.error().message;
}

TEST_F(AdminServerTest, RefusesAnAddressThatIsNone) {
  EXPECT_EQ(start({.address = "localhost:1", .port = 0}).error().message, "admin.address: 'localhost:1' is no IP address");
}

}  // namespace
}  // namespace sluice
