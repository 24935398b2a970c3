// Shell: a real broker for the tests, and topics of their own on it.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/client_settings.h"
#include "kafka/idempotent_producer.h"
#include "kafka/topic_admin.h"
#include "kafka/topic_reader.h"
#include "kafka/transactional_producer.h"

namespace sluice::kafka {

// An eventfd, as ring() counts it up.
class Bell {
 public:
  Bell();
  ~Bell();
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  int descriptor() const { return descriptor_; }
  // Whether it is rung within 20 seconds since it was last asked.
  bool rings() const;

 private:
  int descriptor_;
};

// A test of this fixture fails, and says how to run it, when no broker is given.
class RealBrokerTest : public testing::Test {
 protected:
  void SetUp() override;

  // A topic of this test alone. LogAppendTime.
  std::string make_topic(int partitions = 1);

  // With the settings that schemas/topics.h asks of such a one, e.g. kOrdersTopic.
  std::string make_topic_like(std::string_view like, int partitions);

  // `intents` and `orders`, with which a ledger's parts work by name; tests that run beside each other share them.
  void make_the_topics();

  // The answer to a creation comes before every part of the broker knows the topic.
  void wait_until_led(const std::string& topic, std::int32_t partition);

  // Appends through an idempotent producer and waits for the acknowledgements.
  void append(const std::string& topic, std::int32_t partition, const std::vector<std::string>& payloads);

  // A writer that has taken `id` over.
  std::unique_ptr<TransactionalProducer> writer(const std::string& topic, const std::string& id);

  // A whole transaction.
  void write(TransactionalProducer& producer, const std::vector<std::string>& payloads);

  std::unique_ptr<TopicReader> reader(const std::string& topic, Isolation isolation = Isolation::kReadCommitted);

  // What the reader delivers until it meets the end.
  std::vector<std::string> read_to_end(TopicReader& reader);

  // Part of names on the broker that no other run has used.
  std::string unique(const std::string& word);

  ClientSettings client_;

 private:
  std::string make_topic(int partitions, const std::map<std::string, std::string>& settings);
};

}  // namespace sluice::kafka
