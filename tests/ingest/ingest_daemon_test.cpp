// sluice-ingest itself on a real Kafka, over real HTTP; the test plays the ledger.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "kafka/topic_check.h"
#include "runtime/clock.h"
#include "schemas/intent_format.h"
#include "schemas/order_record.pb.h"
#include "schemas/partitioner.h"
#include "schemas/topics.h"
#include "tests/ingest/bearer.h"
#include "tests/ingest/raw_client.h"
#include "tests/ingest/sluice_signature.h"
#include "tests/kafka/real_broker.h"
#include "tests/processes/daemon_process.h"
#include "tests/runtime/comes_true.h"
#include "tests/runtime/temporary_file.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr int kPartitions = 2;
constexpr Generation kGeneration{4};
constexpr long kFarFuture = 4'000'000'000;
constexpr const char* kSku = "mask-1";

constexpr const char* kSettings = R"(
kafka: {{brokers: "{brokers}"}}
topics: {{generation: 4, partitions: {partitions}, intents: {intents}, orders: {orders}}}
http: {{port: {port}}}
jwt: {{hs256_secret_file: {jwt}}}
ids: {{hmac_key_files: [{ids}]}}
webhook: {{secret_files: [{webhook}]}}
redis: {{port: 1}}
)";

class IngestDaemonTest : public kafka::RealBrokerTest {
 protected:
  void SetUp() override {
    RealBrokerTest::SetUp();
    if (HasFatalFailure()) return;
    intents_ = unique("intents");
    orders_ = unique("orders");
    auto admin = kafka::TopicAdmin::open(client_, 20s);
    ASSERT_TRUE(admin) << admin.error().message;
    for (const auto& [topic, like] : {std::pair{intents_, kIntentsTopic}, {orders_, kOrdersTopic}}) {
      const auto settings = kafka::settings_to_create(std::string(like), kRequiredTopicSettings);
      ASSERT_TRUE((*admin)->create({topic, kPartitions, 1, settings}));
    }
  }

  // A sluice-ingest on ports of its own.
  struct Ingest {
    int port;
    DaemonProcess daemon;
    std::string said() const { return daemon.said(); }
  };
  std::unique_ptr<Ingest> launch(int partitions = kPartitions) {
    const int port = free_port();
    const std::string settings = fmt::format(
        kSettings, fmt::arg("brokers", client_.brokers), fmt::arg("partitions", partitions), fmt::arg("intents", intents_),
        fmt::arg("orders", orders_), fmt::arg("port", port), fmt::arg("jwt", secret_.path()), fmt::arg("ids", id_key_.path()),
        fmt::arg("webhook", webhook_secret_.path()));
    std::unique_ptr<Ingest> ingest(new Ingest{port, {SLUICE_INGEST, settings}});
    ingest->daemon.start();
    return ingest;
  }
  std::unique_ptr<Ingest> start() {
    auto ingest = launch();
    EXPECT_TRUE(ingest->daemon.comes_to_answer("200")) << ingest->said();
    return ingest;
  }

  static std::string headers(const char* user, const std::string& more = {}) {
    return "Authorization: " + bearer({.sub = user, .exp = kFarFuture}) + "\r\n" + more;
  }
  static std::string purchase(const char* user, const std::string& key, const std::string& more = {}) {
    return http_post("/v1/orders", headers(user, "Content-Type: application/json\r\nIdempotency-Key: " + key + "\r\n" + more),
                     R"({"sku":"mask-1","quantity":2})");
  }
  std::string payment(const std::string& order, const std::string& id) const {
    const std::string body =
        fmt::format(R"({{"payment_id":"{}","order":"{}","amount_minor":500,"currency":"EUR"}})", id, order);
    const long seconds = unix_millis() / 1000;
    return http_post("/v1/payments/webhook", "Sluice-Signature: " + sluice_signature(webhook_key_, seconds, body) + "\r\n",
                     body);
  }
  static std::string act(const std::string& path, const std::string& body) {
    const std::string token = bearer({.sub = "boss", .exp = kFarFuture, .scope = "sluice:admin"});
    return http_post(path, "Authorization: " + token + "\r\nContent-Type: application/json\r\nIdempotency-Key: act-1\r\n",
                     body);
  }
  static RawAnswer ask(const Ingest& ingest, const std::string& request) {
    RawClient client(ingest.port);
    client.send(request);
    const auto answer = client.read();
    EXPECT_TRUE(answer.has_value()) << ingest.said();
    return answer.value_or(RawAnswer{});
  }
  static std::string location(const RawAnswer& answer) {
    const auto found = answer.headers.find("location");
    return found == answer.headers.end() ? "" : found->second;
  }

  std::vector<v1::Intent> intents_in_log() {
    auto log = reader(intents_, kafka::Isolation::kReadUncommitted);
    EXPECT_TRUE(log->start_at(partition_.value, 0));
    std::vector<v1::Intent> intents;
    for (const std::string& payload : read_to_end(*log)) {
      EXPECT_EQ(read_intent(payload, intents.emplace_back()), Readability::kIntent);
    }
    return intents;
  }

  // The ledger's records, each with the next offset.
  v1::OrderRecord record() {
    v1::OrderRecord record;
    record.set_first_offset(next_offset_);
    record.set_last_offset(next_offset_++);
    record.set_log_time_ms(1);
    return record;
  }
  v1::OrderRecord held(const char* user) {
    v1::OrderRecord written = record();
    v1::Change& change = *written.mutable_change();
    change.set_sku(kSku);
    change.mutable_verdict()->set_outcome(v1::ACCEPTED);
    v1::Order& order = *change.add_orders();
    order.set_id(Ticket::of(partition_, Position::at(kGeneration, static_cast<Offset>(written.first_offset()))).value);
    order.set_sku(kSku);
    order.set_user(user);
    order.set_quantity(2);
    order.set_amount_minor(500);
    order.set_currency("EUR");
    order.set_status(v1::HELD);
    order.set_hold_seconds(1200);
    return written;
  }
  v1::OrderRecord refused(v1::Reason reason) {
    v1::OrderRecord written = record();
    v1::Verdict& verdict = *written.mutable_unchanged()->add_verdicts();
    verdict.set_outcome(v1::REFUSED);
    verdict.set_reason(reason);
    return written;
  }
  void rule(const std::vector<v1::OrderRecord>& records) {
    const auto producer = kafka::TransactionalProducer::open(
        client_, {.transactional_id = orders_, .topic = orders_, .partition = partition_.value});
    ASSERT_TRUE(producer && (*producer)->init());
    std::vector<std::string> payloads;
    for (const v1::OrderRecord& written : records) payloads.push_back(written.SerializeAsString());
    write(**producer, payloads);
  }

  const Partition partition_ = partition_of(kSku, kPartitions);
  std::string intents_;
  std::string orders_;
  std::uint64_t next_offset_ = 0;
  TemporaryFile secret_{Claims{}.secret + "\n"};
  const std::string webhook_key_ = "fedcba9876543210fedcba9876543210";
  TemporaryFile webhook_secret_{webhook_key_ + "\n"};
  TemporaryFile id_key_{"an id key of at least 16 bytes"};
};

TEST_F(IngestDaemonTest, TakesAPurchaseIntoTheLogAndTellsItsVerdict) {
  const auto ingest = start();
  const RawAnswer taken = ask(*ingest, purchase("u-1", "k-1"));
  ASSERT_EQ(taken.status, 202) << taken.body;
  const auto intents = intents_in_log();
  ASSERT_EQ(intents.size(), 1U);
  EXPECT_EQ(intents[0].purchase().sku(), kSku);
  EXPECT_EQ(intents[0].purchase().user(), "u-1");
  EXPECT_EQ(intents[0].purchase().request_key(), "k-1");
  EXPECT_EQ(intents[0].purchase().quantity(), 2U);

  RawClient reading(ingest->port);
  reading.send(http_get(location(taken) + "?wait=20", headers("u-1")));
  rule({held("u-1")});
  const auto verdict = reading.read();
  ASSERT_TRUE(verdict.has_value());
  EXPECT_EQ(verdict->status, 200);
  EXPECT_THAT(verdict->body, HasSubstr(R"("status":"held")"));
  EXPECT_THAT(verdict->body, HasSubstr(R"("quantity":2,"amount_minor":500,"currency":"EUR")"));
  EXPECT_THAT(verdict->body, HasSubstr(R"("pay_by":"20)"));
}

TEST_F(IngestDaemonTest, HoldsAPurchaseUntilItsVerdict) {
  const auto ingest = start();
  RawClient client(ingest->port);
  client.send(purchase("u-1", "k-1", "Prefer: wait=20\r\n"));
  ASSERT_TRUE(comes_true([&] { return intents_in_log().size() == 1; }));
  rule({refused(v1::SOLD_OUT)});
  const auto verdict = client.read();
  ASSERT_TRUE(verdict.has_value());
  EXPECT_EQ(verdict->status, 200);
  EXPECT_THAT(verdict->body, HasSubstr(R"("status":"refused","reason":"sold_out")"));
}

TEST_F(IngestDaemonTest, MakesOneIntentOfARepeatedRequest) {
  const auto ingest = start();
  const RawAnswer first = ask(*ingest, purchase("u-1", "k-1"));
  const RawAnswer second = ask(*ingest, purchase("u-1", "k-1"));
  EXPECT_EQ(location(first), location(second));
  EXPECT_EQ(intents_in_log().size(), 1U);
}

TEST_F(IngestDaemonTest, TellsVerdictsThatAnotherIngestAskedFor) {
  const auto one = start();
  const auto other = start();
  const RawAnswer taken = ask(*one, purchase("u-1", "k-1"));
  rule({held("u-1")});
  const RawAnswer read = ask(*other, http_get(location(taken) + "?wait=20", headers("u-1")));
  EXPECT_THAT(read.body, HasSubstr(R"("status":"held")"));
  EXPECT_EQ(ask(*other, http_get(location(taken), headers("u-2"))).status, 404);
}

TEST_F(IngestDaemonTest, KnowsAfterARestartWhatWasRuledBefore) {
  auto ingest = start();
  const RawAnswer first = ask(*ingest, purchase("u-1", "k-1"));
  const RawAnswer second = ask(*ingest, purchase("u-2", "k-1"));
  ingest->daemon.process().kill();
  rule({held("u-1"), refused(v1::LIMIT_REACHED)});
  ingest = start();
  EXPECT_THAT(ask(*ingest, http_get(location(first), headers("u-1"))).body, HasSubstr(R"("status":"held")"));
  EXPECT_THAT(ask(*ingest, http_get(location(second), headers("u-2"))).body, HasSubstr(R"("reason":"limit_reached")"));
}

TEST_F(IngestDaemonTest, CancelsAnOrderAndTellsItsBuyer) {
  const auto ingest = start();
  const RawAnswer taken = ask(*ingest, purchase("u-1", "k-1"));
  rule({held("u-1")});
  EXPECT_EQ(ask(*ingest, http_post(location(taken) + "/cancel", headers("u-2"), "")).status, 404);
  RawClient client(ingest->port);
  client.send(http_post(location(taken) + "/cancel", headers("u-1", "Prefer: wait=20\r\n"), ""));
  ASSERT_TRUE(comes_true([&] { return intents_in_log().size() == 2; }));
  const v1::Cancel cancel = intents_in_log()[1].cancel();
  EXPECT_EQ(cancel.user(), "u-1");
  v1::OrderRecord cancelled = held("u-1");
  cancelled.mutable_change()->mutable_orders(0)->set_id(cancel.order());
  cancelled.mutable_change()->mutable_orders(0)->set_status(v1::CANCELLED);
  rule({cancelled});
  const auto answer = client.read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  EXPECT_THAT(answer->body, HasSubstr(R"("status":"cancelled")"));
}

TEST_F(IngestDaemonTest, TakesPaymentsIntoTheLogWhateverTheyName) {
  const auto ingest = start();
  const RawAnswer taken = ask(*ingest, purchase("u-1", "k-1"));
  const std::string order = location(taken).substr(std::string("/v1/orders/").size());
  for (const char* id : {"p-1", "p-1"}) {
    const RawAnswer received = ask(*ingest, payment(order, id));
    EXPECT_EQ(received.status, 200);
    EXPECT_EQ(received.body, R"({"received":true,"payment_id":"p-1"})");
  }
  std::string forged = payment(order, "p-2");
  forged.replace(forged.find("p-2"), 3, "p-3");
  EXPECT_EQ(ask(*ingest, forged).status, 401);
  auto intents = intents_in_log();
  ASSERT_EQ(intents.size(), 3U) << "the purchase, and the payment as often as it was delivered";
  EXPECT_EQ(intents[1].pay().order(), Ticket::of(partition_, Position::at(kGeneration, 0)).value);
  EXPECT_EQ(intents[1].SerializeAsString(), intents[2].SerializeAsString());

  std::string no_order = "pay-for-nothing-1";
  while (partition_of(no_order, kPartitions) != partition_) no_order += "1";
  EXPECT_EQ(ask(*ingest, payment("nonsense", no_order)).status, 200);
  intents = intents_in_log();
  ASSERT_EQ(intents.size(), 4U);
  EXPECT_EQ(intents[3].pay().order(), 0U);
}

TEST_F(IngestDaemonTest, TellsHowAnAdministrativeActEnded) {
  const auto ingest = start();
  RawClient client(ingest->port);
  client.send(act("/v1/admin/skus/mask-1/stock", R"({"delta":-5,"reason":"broken"})"));
  ASSERT_TRUE(comes_true([&] { return intents_in_log().size() == 1; }));
  EXPECT_EQ(intents_in_log()[0].adjust_stock().request_key(), "act-1");
  v1::OrderRecord verdict = refused(v1::NOT_ENOUGH_AVAILABLE);
  verdict.mutable_unchanged()->mutable_verdicts(0)->set_could_take(2);
  rule({verdict});
  const auto answer = client.read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 409);
  EXPECT_THAT(answer->body, HasSubstr(R"("reason":"not_enough_available")"));
  EXPECT_THAT(answer->body, HasSubstr(R"("could_take":2)"));
}

TEST_F(IngestDaemonTest, FinishesWhatItHasInHandWhenItIsAskedToStop) {
  const auto ingest = start();
  RawClient client(ingest->port);
  client.send(purchase("u-1", "k-1", "Prefer: wait=20\r\n"));
  ASSERT_TRUE(comes_true([&] { return intents_in_log().size() == 1; }));
  EXPECT_EQ(ingest->daemon.stop(), 0) << ingest->said();
  const auto answer = client.read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 202);
}

TEST_F(IngestDaemonTest, RefusesTopicsWithAnotherPartitionCount) {
  const auto ingest = launch(kPartitions + 1);
  EXPECT_EQ(ingest->daemon.wait_for_end(), 1);
  EXPECT_THAT(ingest->said(), HasSubstr(intents_));
}

TEST_F(IngestDaemonTest, StopsAtAGapInOrdersAndAnswersWhoWaitsFirst) {
  const auto ingest = start();
  ask(*ingest, purchase("u-1", "k-1"));
  RawClient client(ingest->port);
  client.send(purchase("u-2", "k-2", "Prefer: wait=20\r\n"));
  ASSERT_TRUE(comes_true([&] { return intents_in_log().size() == 2; }));
  rule({refused(v1::SOLD_OUT)});
  ++next_offset_;
  rule({refused(v1::SOLD_OUT)});
  EXPECT_EQ(ingest->daemon.wait_for_end(), 1);
  EXPECT_THAT(ingest->said(), HasSubstr("leaves a gap"));
  const auto answer = client.read();
  ASSERT_TRUE(answer.has_value()) << "cut";
  EXPECT_EQ(answer->status, 202);
}

TEST_F(IngestDaemonTest, SaysThatItCannotTellAnOlderOrderWithoutRedis) {
  next_offset_ = 100;
  const auto ingest = start();
  const RawAnswer taken = ask(*ingest, purchase("u-1", "k-1"));
  rule({refused(v1::SOLD_OUT)});
  const RawAnswer read = ask(*ingest, http_get(location(taken) + "?wait=20", headers("u-1")));
  EXPECT_EQ(read.status, 503);
  EXPECT_THAT(read.body, HasSubstr("/problems/not-readable"));
}

}  // namespace
}  // namespace sluice
