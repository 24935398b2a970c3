#include "kafka/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/log.h"
#include "runtime/log_pace.h"

namespace sluice::kafka {

void Destroy::operator()(rd_kafka_s* client) const { rd_kafka_destroy(client); }
void Destroy::operator()(rd_kafka_queue_s* queue) const { rd_kafka_queue_destroy(queue); }
void Destroy::operator()(rd_kafka_topic_s* topic) const { rd_kafka_topic_destroy(topic); }

namespace {

constexpr int kLogWarnings = 4;  // syslog's scale; what is less grave than a warning is noise in a daemon's log
constexpr std::chrono::seconds kSayAgainAfter{60};

// "[thrd:main]: 127.0.0.1:9092/1: Disconnected (after 12ms in state UP)": without the thread and what differs each time.
std::string_view gist_of(std::string_view text) {
  if (text.starts_with("[thrd:")) text.remove_prefix(std::min(text.find("]: "), text.size() - 3) + 3);
  return text.substr(0, text.find(" (after "));
}

// A daemon has many clients, each with a thread for every broker, and all of them say that a broker is away. Once is enough.
void log_line(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  static LogPace pace(kSayAgainAfter);
  if (level > kLogWarnings) return;
  const std::string_view gist = gist_of(text);
  if (pace.is_due(fmt::format("{}: {}", facility, gist))) {
    log_warning("Kafka client {}: {}: {}", rd_kafka_name(client), facility, gist);
  } else {
    log_debug("Kafka client {}: {}: {}", rd_kafka_name(client), facility, text);
  }
}

}  // namespace

Configuration::Configuration(const ClientSettings& settings) : conf_(rd_kafka_conf_new()), brokers_(settings.brokers) {
  rd_kafka_conf_set_log_cb(conf_, log_line);
  set("bootstrap.servers", settings.brokers);
  set("client.id", settings.name);
  set("socket.nagle.disable", "true");    // requests are small and waited for
  set("log.connection.close", "false");   // brokers close idle connections; that is no news
  set("reconnect.backoff.ms", 20);        // a restarted broker is found again at once …
  set("reconnect.backoff.max.ms", 1000);  // … and a dead one is not hammered
  set("broker.address.family", "v4");     // "localhost" must not cost a refused IPv6 connection first
  set("topic.metadata.refresh.interval.ms", 60'000);
}

Configuration::~Configuration() {
  if (conf_ != nullptr) rd_kafka_conf_destroy(conf_);
}

Configuration& Configuration::set(const char* name, const std::string& value) {
  std::array<char, 512> text{};
  const auto result = rd_kafka_conf_set(conf_, name, value.c_str(), text.data(), text.size());
  if (result != RD_KAFKA_CONF_OK) log_error("Kafka setting {}={}: {}", name, value, text.data());
  CHECK(result == RD_KAFKA_CONF_OK);
  return *this;
}

Configuration& Configuration::events(int events) {
  rd_kafka_conf_set_events(conf_, events);
  return *this;
}

Configuration& Configuration::watch_offsets(OffsetWatch& watch) {
  watch.attach_to(conf_);
  return *this;
}

Result<ClientHandle> Configuration::start(rd_kafka_type_t type) {
  std::array<char, 512> text{};
  rd_kafka_t* client = rd_kafka_new(type, conf_, text.data(), text.size());
  if (client == nullptr) {
    return Error::fatal("cannot start a Kafka client for brokers " + brokers_ + ": " + text.data());
  }
  conf_ = nullptr;  // the client owns it now
  return ClientHandle(client);
}

std::string describe(std::string_view what, rd_kafka_resp_err_t code, const char* text) {
  std::string line(what);
  line += ": ";
  line += text != nullptr ? text : rd_kafka_err2str(code);
  line += " (";
  line += rd_kafka_err2name(code);
  line += ")";
  return line;
}

bool is_fenced(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
         code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH || code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
}

}  // namespace sluice::kafka
