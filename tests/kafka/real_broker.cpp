#include "tests/kafka/real_broker.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdlib>

#include "kafka/topic_check.h"
#include "schemas/topics.h"

namespace sluice::kafka {

using std::chrono::milliseconds;
using std::chrono::seconds;

Bell::Bell() : descriptor_(eventfd(0, EFD_CLOEXEC)) {}
Bell::~Bell() { close(descriptor_); }

bool Bell::rings() const {
  pollfd rung{.fd = descriptor_, .events = POLLIN, .revents = 0};
  eventfd_t count = 0;
  return ::poll(&rung, 1, 20'000) == 1 && eventfd_read(descriptor_, &count) == 0;
}

void RealBrokerTest::SetUp() {
  const char* brokers = std::getenv("SLUICE_TEST_KAFKA");
  ASSERT_NE(brokers, nullptr)
      << "This test needs a real Kafka broker of its own. `make test` starts one; to run it by hand, set "
         "SLUICE_TEST_KAFKA=host:port";
  client_ = {brokers, "sluice-test"};
}

std::string RealBrokerTest::unique(const std::string& word) {
  static int count = 0;
  static const auto run = std::chrono::system_clock::now().time_since_epoch().count();
  return word + "-" + std::to_string(run) + "-" + std::to_string(++count);
}

std::string RealBrokerTest::make_topic(int partitions) {
  return make_topic(partitions, {{"message.timestamp.type", "LogAppendTime"}});
}

std::string RealBrokerTest::make_topic_like(std::string_view like, int partitions) {
  std::vector<TopicSetting> required(kRequiredTopicSettings.begin(), kRequiredTopicSettings.end());
  required.insert(required.end(), kDeadLetterTopicSettings.begin(), kDeadLetterTopicSettings.end());
  return make_topic(partitions, settings_to_create(std::string(like), required));
}

std::string RealBrokerTest::make_topic(int partitions, const std::map<std::string, std::string>& settings) {
  auto admin = TopicAdmin::open(client_, seconds(20));
  EXPECT_TRUE(admin) << admin.error().message;
  const std::string name = unique("test");
  const auto created = (*admin)->create({name, partitions, 1, settings});
  EXPECT_TRUE(created) << created.error().message;
  for (std::int32_t partition = 0; partition < partitions; ++partition) wait_until_led(name, partition);
  return name;
}

void RealBrokerTest::make_the_topics() {
  auto admin = TopicAdmin::open(client_, seconds(20));
  ASSERT_TRUE(admin);
  for (const std::string& topic : {std::string(kIntentsTopic), std::string(kOrdersTopic)}) {
    const auto created = (*admin)->create({topic, kDefaultPartitions, 1, settings_to_create(topic, kRequiredTopicSettings)});
    ASSERT_TRUE(created) << created.error().message;
  }
}

void RealBrokerTest::wait_until_led(const std::string& topic, std::int32_t partition) {
  const auto asking = TopicReader::open(client_, {.topic = topic});
  ASSERT_TRUE(asking) << asking.error().message;
  const auto deadline = std::chrono::steady_clock::now() + seconds(20);
  while (!(*asking)->bounds(partition, seconds(20))) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << topic << "/" << partition << " has no leader";
  }
}

void RealBrokerTest::append(const std::string& topic, std::int32_t partition, const std::vector<std::string>& payloads) {
  auto producer = IdempotentProducer::open(client_, {.topics = {topic}});
  ASSERT_TRUE(producer) << producer.error().message;
  for (const std::string& payload : payloads) ASSERT_TRUE((*producer)->send(topic, partition, "key", payload, 0));
  while ((*producer)->in_flight() > 0) {
    const auto deliveries = (*producer)->poll(seconds(20));
    ASSERT_TRUE(deliveries) << deliveries.error().message;
    ASSERT_FALSE(deliveries->empty());
    for (const Delivery& delivery : *deliveries) ASSERT_EQ(delivery.end, Delivery::End::kAcknowledged) << delivery.error;
  }
}

std::unique_ptr<TransactionalProducer> RealBrokerTest::writer(const std::string& topic, const std::string& id) {
  auto producer = TransactionalProducer::open(client_, {.transactional_id = id, .topic = topic});
  EXPECT_TRUE(producer) << producer.error().message;
  const auto initialised = (*producer)->init();
  EXPECT_TRUE(initialised) << initialised.error().message;
  return std::move(*producer);
}

void RealBrokerTest::write(TransactionalProducer& producer, const std::vector<std::string>& payloads) {
  ASSERT_TRUE(producer.begin());
  for (const std::string& payload : payloads) ASSERT_TRUE(producer.produce("key", payload));
  const auto flushed = producer.flush();
  ASSERT_TRUE(flushed) << flushed.error().message;
  const auto committed = producer.commit();
  ASSERT_TRUE(committed) << committed.error().message;
}

std::unique_ptr<TopicReader> RealBrokerTest::reader(const std::string& topic, Isolation isolation) {
  auto reader = TopicReader::open(client_, {.topic = topic, .isolation = isolation});
  EXPECT_TRUE(reader) << reader.error().message;
  return std::move(*reader);
}

std::vector<std::string> RealBrokerTest::read_to_end(TopicReader& reader) {
  std::vector<std::string> payloads;
  const auto deadline = std::chrono::steady_clock::now() + seconds(20);
  while (std::chrono::steady_clock::now() < deadline) {
    const auto batch = reader.poll(1000, seconds(1), milliseconds(0));
    if (!batch) {
      ADD_FAILURE() << batch.error().message;
      return payloads;
    }
    for (const Message& message : batch->messages) payloads.emplace_back(message.payload);
    if (!batch->ends.empty()) return payloads;
  }
  ADD_FAILURE() << "met no end of " << reader.topic();
  return payloads;
}

}  // namespace sluice::kafka
