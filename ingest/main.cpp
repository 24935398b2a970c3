// sluice-ingest: takes buyers' requests over HTTP into the log, and tells them the verdicts. README.md says how.
#include <atomic>

#include "ingest/http_server.h"
#include "ingest/ingest_loop.h"
#include "ingest/kafka_log.h"
#include "ingest/settings.h"
#include "ingest/shared_view.h"
#include "ingest/token.h"
#include "runtime/clock.h"
#include "runtime/daemon.h"
#include "runtime/log.h"
#include "runtime/run_loop.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr auto kHangsAfter = 10s;
constexpr auto kLongestWait = 20ms;  // between two cycles; waits of buyers end with this precision
constexpr auto kFinishWithin = 8s;   // supervisors kill after 10

Result<void> run(const IngestSettings& settings, StopSignal& stop) {
  auto secrets = read_secrets(settings);
  if (!secrets) return secrets.error();
  const TokenCheck tokens(secrets->jwt, {.buyer = settings.jwt_scope, .admin = settings.jwt_admin_scope});
  const WebhookCheck webhook(secrets->webhook, settings.webhook_tolerance_seconds * UnixMillis{1000});
  const PublicIds ids(secrets->id_keys);
  const Doorbell bell;
  KafkaLog log;
  std::atomic<bool> serving = false;
  Metrics metrics;
  IngestMetrics counts(metrics, settings.cluster.partitions);
  RunLoop loop(metrics, stop, "ingest", "requests");
  const auto problem_live = [&] { return !serving || loop.since_last_cycle() < kHangsAfter ? "" : "the loop hangs"; };
  const auto problem_ready = [&] { return serving ? log.problem() : "it waits for Kafka: see the log"; };
  auto admin = AdminServer::start(settings.admin, metrics, problem_live, problem_ready);
  if (!admin) return admin.error();
  auto opened = open_log(settings, bell, loop);
  if (!opened) return opened.error();
  log = std::move(*opened);
  if (log.tail == nullptr) return {};
  SharedView view(redis_of(settings, *secrets), stock_scan_of(settings), bell);
  auto server = HttpServer::listen(settings.http);
  if (!server) return server.error();
  bell.watch((*server)->descriptor());
  const auto authenticate = [&](std::string_view header, Role role, UnixMillis now) { return tokens.user(header, role, now); };
  IngestLoop ingest(rules_of(settings), ids, {*log.appends, *log.tail, view, view, **server, authenticate, webhook}, counts);
  (*server)->on_request([&](Exchange e, const HttpRequest& request) { return ingest.on_request(e, request, unix_millis()); });
  serving = true;
  log_info("serving on {}:{}", settings.http.address, (*server)->port());
  const auto cycle = [&](UnixMillis now) -> Result<void> {
    (*server)->serve();
    const auto busy = ingest.poll_once(now);
    if (!busy) return busy.error();  // everybody who waited has been answered, and the server sends it before it ends
    bell.wait(*busy ? 0ms : (*server)->patience(kLongestWait));
    return {};
  };
  if (auto done = loop.run(cycle); !done) return done;
  (*server)->stop_accepting();
  ingest.finish();
  const UnixMillis until = unix_millis() + std::chrono::milliseconds(kFinishWithin).count();
  while ((ingest.in_hand() > 0 || (*server)->open() > 0) && unix_millis() < until) {
    if (auto done = cycle(unix_millis()); !done) return done;
  }
  ingest.give_up();
  return {};
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  return sluice::run_daemon<sluice::IngestSettings>(
      {.program = {"sluice-ingest", SLUICE_VERSION, "Takes buyers' requests, and tells their verdicts."},
       .register_metrics = sluice::register_ingest_metrics,
       .run = sluice::run},
      argc, argv);
}
