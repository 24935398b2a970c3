// Shell: the whole ingest loop with the entry points besides the purchase, in a world that the test plays.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "schemas/partitioner.h"
#include "tests/ingest/ingest_world.h"
#include "tests/ingest/sluice_signature.h"

namespace sluice {

inline constexpr Generation kGeneration{3};
inline constexpr int kPartitions = 4;
inline constexpr const char* kSku = "mask-1";
inline constexpr long kNowSeconds = 1'800'000'000;
inline const Partition kPartition = partition_of(kSku, kPartitions);

class DoorsTest : public ::testing::Test, protected IngestWorld {
 protected:
  DoorsTest() : IngestWorld(kNowSeconds * 1000, kPartitions) {}

  static IngestRules rules() {
    IngestRules rules;
    rules.generation = kGeneration;
    rules.partitions = kPartitions;
    rules.in_hand = {.purchases_max = 2, .reserved = 2, .append_delay_max_ms = 1'000};
    rules.verdicts = {.verdicts = 64, .orders = 8};
    return rules;
  }
  static Ticket ticket(Offset offset, Partition partition = kPartition) {
    return Ticket::of(partition, Position::at(kGeneration, offset));
  }
  std::string id(Offset offset, const char* user = "u-1") const { return ids_.write(ticket(offset), user); }

  // ---- what comes in

  std::optional<HttpAnswer> send(const HttpRequest& request) { return loop_->on_request(++exchange_, request, now_); }
  std::optional<HttpAnswer> cancel(const std::string& order, const char* user = "u-1", const char* prefer = "") {
    const std::string path = "/v1/orders/" + order + "/cancel";
    return send({.method = "POST", .path = path, .authorization = user, .prefer = prefer});
  }
  std::optional<HttpAnswer> webhook(const std::string& body, const std::string& signature) {
    return send({.method = "POST", .path = "/v1/payments/webhook", .signature = signature, .body = body});
  }
  std::optional<HttpAnswer> pay(const std::string& order, const std::string& payment = "p-1") {
    const std::string body =
        R"({"payment_id":")" + payment + R"(","order":")" + order + R"(","amount_minor":500,"currency":"EUR","livemode":true})";
    return webhook(body, sluice_signature(kSecret, kNowSeconds, body));
  }
  std::optional<HttpAnswer> act(const std::string& path, const std::string& body, HttpRequest headers = {}) {
    HttpRequest request = headers;
    if (request.method.empty()) request.method = "POST";
    if (request.authorization.empty()) request.authorization = "admin";
    if (request.idempotency_key.empty()) request.idempotency_key = "key-1";
    if (request.content_type.empty()) request.content_type = "application/json";
    request.path = path;
    request.body = body;
    return send(request);
  }

  // ---- what comes back

  void poll() { ASSERT_TRUE(loop_->poll_once(now_).ok()); }
  Offset acknowledge(std::size_t n) {
    const Offset offset = appends_.acknowledge(n);
    poll();
    return offset;
  }
  v1::Verdict& ruled(v1::Outcome outcome, v1::Reason reason = v1::REASON_UNSPECIFIED, Partition partition = kPartition) {
    v1::OrderRecord record = next_record(partition);
    v1::Verdict& verdict = *record.mutable_unchanged()->add_verdicts();
    verdict.set_outcome(outcome);
    verdict.set_reason(reason);
    tail_.records.push_back({partition, std::move(record), now_});
    return *tail_.records.back().record.mutable_unchanged()->mutable_verdicts(0);
  }
  // The next intent changed the order of this offset, or made it.
  void changed(Offset order, v1::OrderStatus status, const char* user = "u-1") {
    v1::OrderRecord record = next_record(kPartition);
    v1::Change& change = *record.mutable_change();
    change.set_sku(kSku);
    change.mutable_verdict()->set_outcome(v1::ACCEPTED);
    v1::Order& after = *change.add_orders();
    after.set_id(ticket(order).value);
    after.set_sku(kSku);
    after.set_user(user);
    after.set_quantity(1);
    after.set_status(status);
    after.set_hold_seconds(1200);
    tail_.records.push_back({kPartition, std::move(record), now_});
  }
  v1::OrderRecord next_record(Partition partition) {
    v1::OrderRecord record;
    const auto offset = static_cast<std::uint64_t>(next_[partition.value]++);
    record.set_first_offset(offset);
    record.set_last_offset(offset);
    return record;
  }
  const HttpAnswer& answer() {
    EXPECT_EQ(answers_.given.count(exchange_), 1U) << "no answer yet";
    return answers_.given[exchange_];
  }
  // There is a held order of u-1 at offset 0, and the log goes on behind it.
  void there_is_an_order() {
    changed(0, v1::HELD);
    poll();
    appends_.end[kPartition.value] = 1;
  }

  void SetUp() override { start(rules()); }

  Exchange exchange_ = 0;
  std::map<int, Offset> next_;
};

}  // namespace sluice
