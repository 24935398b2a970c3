// Random walks of the ingest loop against a tiny ledger and an unreliable log, with buyers who repeat themselves, cancel and
// pay, and another ingest that appends the same keys. By seed, so that what fails fails again.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "schemas/partitioner.h"
#include "tests/ingest/ingest_world.h"
#include "tests/ingest/sluice_signature.h"

namespace sluice {
namespace {

constexpr Generation kGeneration{1};
constexpr int kPartitions = 2;
constexpr const char* kSku = "mask-1";
constexpr int kStock = 5;
constexpr int kUsersAtATime = 12;
constexpr int kStepsPerUser = 10;
constexpr int kSteps = 4'000;
const Partition kPartition = partition_of(kSku, kPartitions);

class Walk : IngestWorld {
 public:
  explicit Walk(std::uint64_t seed) : IngestWorld(1'000'000, kPartitions), random_(seed) {
    IngestRules rules;
    rules.generation = kGeneration;
    rules.partitions = kPartitions;
    rules.in_hand.purchases_max = 40;
    rules.recent_requests_max = 6;  // it forgets soon
    rules.verdicts = {.verdicts = 1 << 14, .orders = 1 << 10};
    start(rules);
  }

  void run() {
    for (int step = 0; step < kSteps && !testing::Test::HasFailure(); ++step) {
      first_user_ = step / kStepsPerUser;
      now_ += roll(20);
      switch (roll(8)) {
        case 0:
        case 1:
          ask();
          break;
        case 7:
          roll(2) == 0 ? pay() : cancel();
          break;
        case 2:
          deliver();
          break;
        case 3:
          rule();
          break;
        case 4:
          if (roll(4) == 0) log_.push_back({Line::Kind::kPurchase, a_user()});
          break;
        case 5:
          if (roll(10) == 0) log_.push_back({Line::Kind::kRelease, 0});
          break;
        default:
          poll();
      }
    }
    settle();
  }

  // How many users were told refused, and cancels and payments that they were done.
  std::size_t refused() const { return refused_.size(); }
  std::size_t cancelled() const { return cancelled_; }
  std::size_t paid() const { return received_.size(); }

 private:
  // One intent in the log, ours or another ingest's.
  struct Line {
    enum class Kind { kPurchase, kRelease, kCancel, kPay };
    Kind kind;
    int who;  // the user, or the number of the payment
  };
  // A request that waits for its answer.
  using Asked = Line;

  int roll(int sides) { return static_cast<int>(random_() % static_cast<std::uint64_t>(sides)); }

  // Buyers come and go.
  int a_user() { return first_user_ + roll(kUsersAtATime); }

  v1::OrderRecord& next_record() {
    v1::OrderRecord record;
    record.set_first_offset(static_cast<std::uint64_t>(decided_));
    record.set_last_offset(static_cast<std::uint64_t>(decided_));
    ++decided_;
    tail_.records.push_back({kPartition, record, now_});
    return tail_.records.back().record;
  }

  // A buyer has one key, and uses it again and again.
  void ask() {
    const Exchange exchange = ++last_exchange_;
    const int user = a_user();
    const std::string name = "u-" + std::to_string(user);
    asked_.emplace(exchange, Asked{Line::Kind::kPurchase, user});
    const auto answer = loop_->on_request(exchange,
                                          {.method = "POST",
                                           .path = "/v1/orders",
                                           .authorization = name,
                                           .idempotency_key = "k",
                                           .content_type = "application/json",
                                           .prefer = roll(2) == 0 ? "wait=1" : "",
                                           .body = R"({"sku":"mask-1","quantity":1})"},
                                          now_);
    if (answer) take(exchange, *answer);
  }

  // Somebody who has asked for something gives it back.
  void cancel() {
    const int user = a_user();
    const auto first = first_of_.find(user);
    if (first == first_of_.end()) return;
    const Exchange exchange = ++last_exchange_;
    const std::string name = "u-" + std::to_string(user);
    const std::string path = "/v1/orders/" + ids_.write(ticket(first->second), name) + "/cancel";
    asked_.emplace(exchange, Asked{Line::Kind::kCancel, user});
    const auto answer = loop_->on_request(
        exchange, {.method = "POST", .path = path, .authorization = name, .prefer = roll(2) == 0 ? "wait=1" : ""}, now_);
    if (answer) take(exchange, *answer);
  }

  void pay() {
    const Exchange exchange = ++last_exchange_;
    const int payment = roll(1'000);
    const std::string body = R"({"payment_id":")" + std::to_string(payment) + R"(","order":")" + ids_.write(ticket(0), "") +
                             R"(","amount_minor":1,"currency":"EUR"})";
    asked_.emplace(exchange, Asked{Line::Kind::kPay, payment});
    const std::string signature = sluice_signature(kSecret, now_ / 1000, body);
    const auto answer = loop_->on_request(
        exchange, {.method = "POST", .path = "/v1/payments/webhook", .signature = signature, .body = body}, now_);
    if (answer) take(exchange, *answer);
  }

  // What was sent reaches the log in order; a few are lost, and of a few the end is not known.
  void deliver() {
    for (int count = roll(4); count > 0 && delivered_ < appends_.sent.size(); --count, ++delivered_) {
      const auto& sent = appends_.sent[delivered_];
      const int fate = roll(20);
      if (fate == 0) {
        appends_.fail(delivered_, AppendEnd::How::kNotWritten);
        continue;
      }
      log_.push_back(line_of(sent.intent));
      if (fate == 1) {
        appends_.fail(delivered_, AppendEnd::How::kUnknown);
      } else {
        appends_.ends.push_back({sent.append, AppendEnd::How::kAcknowledged, static_cast<Offset>(log_.size() - 1)});
      }
    }
  }

  static Line line_of(const v1::Intent& intent) {
    if (intent.has_pay()) return {Line::Kind::kPay, std::stoi(intent.pay().payment_id())};
    if (intent.has_cancel()) return {Line::Kind::kCancel, std::stoi(intent.cancel().user().substr(2))};
    return {Line::Kind::kPurchase, std::stoi(intent.purchase().user().substr(2))};
  }

  Ticket ticket(Offset offset) const { return Ticket::of(kPartition, Position::at(kGeneration, offset)); }

  void rule() {
    for (int count = roll(6); count > 0 && decided_ < static_cast<Offset>(log_.size()); --count) rule_on_next();
  }

  void rule_on_next() {
    const Offset offset = decided_;
    const auto [kind, user] = log_.at(static_cast<std::size_t>(offset));
    v1::OrderRecord& record = next_record();
    if (kind == Line::Kind::kRelease) return release_in(record);
    if (kind == Line::Kind::kCancel) return cancel_in(record, user);
    if (kind == Line::Kind::kPay) {
      record.mutable_unchanged()->add_verdicts()->set_outcome(v1::ACCEPTED);
      return;
    }
    const auto first = first_of_.find(user);
    if (first != first_of_.end() || available_ == 0) {
      v1::Verdict& verdict = *record.mutable_unchanged()->add_verdicts();
      const bool was_accepted = first != first_of_.end() && accepted_.contains(user);
      verdict.set_outcome(first != first_of_.end() ? v1::DUPLICATE : v1::REFUSED);
      verdict.set_reason(was_accepted ? v1::REASON_UNSPECIFIED : v1::SOLD_OUT);
      if (first != first_of_.end()) verdict.set_duplicate_of(ticket(first->second).value);
      first_of_.try_emplace(user, offset);
      return;
    }
    first_of_.emplace(user, offset);
    accepted_.emplace(user, offset);
    held_.push_back(user);
    --available_;
    record.mutable_change()->mutable_verdict()->set_outcome(v1::ACCEPTED);
    write_order(record, user, v1::HELD);
  }

  void write_order(v1::OrderRecord& record, int user, v1::OrderStatus status) {
    record.mutable_change()->set_sku(kSku);
    v1::Order& order = *record.mutable_change()->add_orders();
    order.set_id(ticket(accepted_.at(user)).value);
    order.set_user("u-" + std::to_string(user));
    order.set_sku(kSku);
    order.set_status(status);
  }

  void release_in(v1::OrderRecord& record) {
    if (held_.empty()) {
      record.mutable_unchanged()->add_verdicts()->set_outcome(v1::REFUSED);
      return;
    }
    write_order(record, held_.front(), v1::RELEASED);
    held_.erase(held_.begin());
    ++available_;
  }

  void cancel_in(v1::OrderRecord& record, int user) {
    const auto held = std::find(held_.begin(), held_.end(), user);
    if (held != held_.end()) {
      held_.erase(held);
      ++available_;
      cancelled_users_.insert(user);
      record.mutable_change()->mutable_verdict()->set_outcome(v1::ACCEPTED);
      return write_order(record, user, v1::CANCELLED);
    }
    v1::Verdict& verdict = *record.mutable_unchanged()->add_verdicts();
    const bool again = cancelled_users_.contains(user);
    verdict.set_outcome(again ? v1::DUPLICATE : v1::REFUSED);
    verdict.set_reason(again ? v1::REASON_UNSPECIFIED : accepted_.contains(user) ? v1::ALREADY_CLOSED : v1::UNKNOWN_ORDER);
    if (again) verdict.set_duplicate_of(ticket(accepted_.at(user)).value);
  }

  void poll() {
    const auto done = loop_->poll_once(now_);
    EXPECT_TRUE(done.ok());
    for (const auto& [exchange, answer] : answers_.given) take(exchange, answer);
    answers_.given.clear();
  }

  // The oracle.
  void take(Exchange exchange, const HttpAnswer& answer) {
    const auto found = asked_.find(exchange);
    ASSERT_NE(found, asked_.end()) << "answered twice";
    const auto [kind, who] = found->second;
    asked_.erase(found);
    if (kind == Line::Kind::kPay) {
      if (answer.status == 200) received_.insert(who);
      return;
    }
    if (answer.body.find(R"("status":"refused")") != std::string::npos) refused_.insert(who);
    if (kind != Line::Kind::kCancel || answer.status != 200) return;
    ++cancelled_;
    EXPECT_TRUE(cancelled_users_.contains(who)) << "u-" << who << " was told cancelled, and is not: " << answer.body;
    EXPECT_NE(answer.body.find(R"("status":"cancelled")"), std::string::npos) << answer.body;
  }

  // Whoever was told refused has no order, and did not get one later.
  void judge() const {
    for (const int user : refused_)
      EXPECT_FALSE(accepted_.contains(user)) << "u-" << user << " was told refused, and has an order";
    std::set<int> in_log;
    for (const Line& line : log_) {
      if (line.kind == Line::Kind::kPay) in_log.insert(line.who);
    }
    for (const int payment : received_) EXPECT_TRUE(in_log.contains(payment)) << payment << " was received, and is lost";
  }

  // Everything comes to its end; then every request must have had its answer.
  void settle() {
    for (int round = 0; round < 200; ++round) {
      now_ += 100;
      deliver();
      rule();
      poll();
    }
    EXPECT_TRUE(asked_.empty()) << asked_.size() << " requests were never answered";
    EXPECT_EQ(loop_->in_hand(), 0U);
    judge();
  }

  std::mt19937_64 random_;
  int first_user_ = 0;

  std::vector<Line> log_;  // by offset
  std::size_t delivered_ = 0;
  Offset decided_ = 0;
  int available_ = kStock;
  std::map<int, Offset> first_of_;
  std::map<int, Offset> accepted_;
  std::vector<int> held_;
  Exchange last_exchange_ = 0;
  std::map<Exchange, Asked> asked_;
  std::set<int> cancelled_users_;
  std::set<int> refused_;
  std::set<int> received_;  // payments of which this was said
  std::size_t cancelled_ = 0;
};

TEST(IngestWalk, AnswersEveryRequestOnceAndNeverSaysWhatIsNotSo) {
  std::size_t refused = 0;
  std::size_t cancelled = 0;
  std::size_t paid = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    Walk walk(seed);
    walk.run();
    refused += walk.refused();
    cancelled += walk.cancelled();
    paid += walk.paid();
  }
  EXPECT_GT(refused, 50U) << "or nothing was tried";
  EXPECT_GT(cancelled, 50U);
  EXPECT_GT(paid, 50U);
}

}  // namespace
}  // namespace sluice
