// Adapter (librdkafka): the library's mock broker, for errors that a real one cannot be made to give. It ignores transactions.
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <chrono>
#include <string>

#include "kafka/client_settings.h"
#include "kafka/handles.h"

namespace sluice::kafka {

class MockBroker {
 public:
  // The protocol's numbers of requests.
  enum class Request : std::int16_t { kProduce = 0, kFetch = 1, kInitProducerId = 22, kEndTransaction = 26 };

  MockBroker() : host_(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0)) {
    cluster_ = rd_kafka_mock_cluster_new(host_.get(), 1);
  }
  ~MockBroker() { rd_kafka_mock_cluster_destroy(cluster_); }
  MockBroker(const MockBroker&) = delete;
  MockBroker& operator=(const MockBroker&) = delete;

  ClientSettings client() const { return {rd_kafka_mock_cluster_bootstraps(cluster_), "sluice-test"}; }

  void create(const std::string& topic) { rd_kafka_mock_topic_create(cluster_, topic.c_str(), 1, 1); }

  // The next request of this kind is answered with `error`, after `delay`.
  void answer_next(Request request, rd_kafka_resp_err_t error, std::chrono::milliseconds delay = {}) {
    rd_kafka_mock_broker_push_request_error_rtts(cluster_, 1, static_cast<std::int16_t>(request), 1, error,
                                                 static_cast<int>(delay.count()));
  }

  void stop() { rd_kafka_mock_broker_set_down(cluster_, 1); }
  void start() { rd_kafka_mock_broker_set_up(cluster_, 1); }

 private:
  ClientHandle host_;
  rd_kafka_mock_cluster_t* cluster_;
};

}  // namespace sluice::kafka
