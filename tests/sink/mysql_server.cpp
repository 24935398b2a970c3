#include "tests/sink/mysql_server.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/runtime/comes_true.h"
#include "tests/sink/test_database.h"

namespace sluice {
namespace {

constexpr const char* kUser = "sluice";
constexpr const char* kPassword = "only for this test";

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string given(const char* variable) {
  const char* value = std::getenv(variable);
  if (value != nullptr) return value;
  throw std::runtime_error(fmt::format(
      "This test needs a real MySQL or MariaDB. `make test` starts one; to run it by hand, set SLUICE_TEST_MYSQL=host:port, "
      "SLUICE_TEST_MYSQL_USER and SLUICE_TEST_MYSQL_PASSWORD_FILE ({} is missing). The user may create databases named sluice…",
      variable));
}

}  // namespace

MysqlSettings given_mysql_server() {
  const std::string address = given("SLUICE_TEST_MYSQL");
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) throw std::runtime_error("SLUICE_TEST_MYSQL must be host:port, not " + address);
  MysqlSettings settings;
  settings.host = address.substr(0, colon);
  settings.port = static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1)));
  settings.user = given("SLUICE_TEST_MYSQL_USER");
  settings.password_file = given("SLUICE_TEST_MYSQL_PASSWORD_FILE");
  settings.database = "";
  return settings;
}

MysqlServer::MysqlServer() : port_(free_port()) {
  std::ofstream(in("password")) << kPassword;
  std::ofstream(in("users.sql")) << fmt::format(
      "CREATE USER IF NOT EXISTS '{0}'@'127.0.0.1' IDENTIFIED BY '{1}';\n"
      "GRANT ALL ON *.* TO '{0}'@'127.0.0.1';\n",
      kUser, kPassword);
  // As root it would become another user, who cannot read the folder. Forced: without it the machine's name must be known to
  // the resolver.
  const std::string user = geteuid() == 0 ? "--user=root" : "--skip-name-resolve";
  ChildProcess first({"/usr/bin/mariadb-install-db", "--no-defaults", user, "--datadir=" + in("data"), "--skip-test-db",
                      "--force", "--auth-root-authentication-method=normal"},
                     in("install.log"));
  if (first.wait_for_end(/*ask=*/false) != 0) {
    throw std::runtime_error("mariadb-install-db fails: is Debian's package mariadb-server installed?\n" +
                             text_of(in("install.log")));
  }
  start();
}

std::string MysqlServer::in(const char* name) const { return folder_.path() / name; }

MysqlSettings MysqlServer::settings() const {
  MysqlSettings settings;
  settings.host = "127.0.0.1";
  settings.port = static_cast<std::uint16_t>(port_);
  settings.user = kUser;
  settings.password_file = in("password");
  settings.database = "";
  return settings;
}

void MysqlServer::kill() { process_.reset(); }

void MysqlServer::start() {
  const std::string user = geteuid() == 0 ? "--user=root" : "--skip-name-resolve";
  process_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{"/usr/sbin/mariadbd", "--no-defaults", user, "--datadir=" + in("data"),
                               "--bind-address=127.0.0.1", fmt::format("--port={}", port_), "--socket=" + in("s"),
                               "--pid-file=" + in("pid"), "--init-file=" + in("users.sql"), "--innodb-buffer-pool-size=32M"},
      in("server.log"));
  if (!comes_true([this] { return accepts_connections(settings()); })) {
    throw std::runtime_error("mariadbd does not start: " + text_of(in("server.log")));
  }
}

}  // namespace sluice
