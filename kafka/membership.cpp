#include "kafka/membership.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "kafka/client.h"
#include "kafka/events.h"
#include "runtime/log.h"

namespace sluice::kafka {
namespace {

Result<void> outcome(std::string_view what, rd_kafka_resp_err_t code) {
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return Error::fatal(describe(what, code));
}

struct DestroyList {
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
};
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyList>;

// Takes the partitions on, at the end of the log and paused at once: this client keeps the membership and fetches nothing.
Result<void> accept(rd_kafka_t* client, rd_kafka_topic_partition_list_t* partitions) {
  for (int i = 0; i < partitions->cnt; ++i) partitions->elems[i].offset = RD_KAFKA_OFFSET_END;
  if (auto assigned = outcome("accepting an assignment", rd_kafka_assign(client, partitions)); !assigned) return assigned;
  return outcome("pausing an assignment", rd_kafka_pause_partitions(client, partitions));
}

}  // namespace

Result<std::unique_ptr<Membership>> Membership::join(const ClientSettings& client_settings,
                                                     const MembershipSettings& settings) {
  Configuration configuration(client_settings);
  configuration.set("group.id", settings.group)
      .set("group.instance.id", settings.instance)
      .set("partition.assignment.strategy", "range")  // cooperative-sticky gets stuck in this version
      .set("session.timeout.ms", settings.session.count())
      .set("heartbeat.interval.ms", settings.session.count() / 6)
      .set("max.poll.interval.ms", settings.poll_interval_max.count())
      .set("enable.auto.commit", "false")
      .set("queued.min.messages", 1)
      .events(RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_ERROR);
  auto client = configuration.start(RD_KAFKA_CONSUMER);
  if (!client) return client.error();
  rd_kafka_poll_set_consumer(client->get());
  QueueHandle queue(rd_kafka_queue_get_consumer(client->get()));
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, settings.topic.c_str(), RD_KAFKA_PARTITION_UA);
  const auto code = rd_kafka_subscribe(client->get(), topics);
  rd_kafka_topic_partition_list_destroy(topics);
  if (auto subscribed = outcome("joining group " + settings.group, code); !subscribed) return subscribed.error();
  return std::unique_ptr<Membership>(new Membership(std::move(*client), std::move(queue), settings.topic));
}

Membership::Membership(ClientHandle client, QueueHandle queue, std::string topic)
    : client_(std::move(client)), queue_(std::move(queue)), topic_(std::move(topic)) {}

Membership::~Membership() = default;

Result<MembershipChange> Membership::poll(std::chrono::milliseconds wait) {
  CHECK(!revocation_pending_);
  const Event event(rd_kafka_queue_poll(queue_.get(), to_int(wait)));
  if (!event) return MembershipChange{};
  return take(*event);
}

Result<MembershipChange> Membership::take(rd_kafka_event_t& event) {
  if (rd_kafka_event_type(&event) == RD_KAFKA_EVENT_REBALANCE) return take_rebalance(event);
  if (auto fatal = fatal_error_of(client_.get(), &event)) return *fatal;
  if (rd_kafka_event_type(&event) == RD_KAFKA_EVENT_ERROR) {
    const auto code = rd_kafka_event_error(&event);
    std::string line = describe("group membership", code, rd_kafka_event_error_string(&event));
    // What a person must set right does not pass by itself, and a member that owns nothing without saying why is hard to find.
    if (code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ||
        code == RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL || code == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED) {
      return Error::fatal(std::move(line));
    }
    // That brokers cannot be reached, the client's own lines say already.
    if (code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) return MembershipChange{};
    log_warning("{}", line);  // e.g. a broker that has just started and does not know the topic yet
  }
  return MembershipChange{};
}

Result<MembershipChange> Membership::take_rebalance(rd_kafka_event_t& event) {
  MembershipChange change;
  rd_kafka_topic_partition_list_t* partitions = rd_kafka_event_topic_partition_list(&event);
  if (rd_kafka_event_error(&event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    if (auto accepted = accept(client_.get(), partitions); !accepted) return accepted.error();
    change.assigned.emplace();
    change.assigned->epoch = ++epoch_;
    for (int i = 0; i < partitions->cnt; ++i) change.assigned->partitions.push_back(partitions->elems[i].partition);
    return change;
  }
  revocation_pending_ = true;
  change.revoked = Revocation{epoch_, rd_kafka_assignment_lost(client_.get()) != 0};
  return change;
}

Result<void> Membership::give_back() {
  CHECK(revocation_pending_);
  revocation_pending_ = false;
  return outcome("giving back an assignment", rd_kafka_assign(client_.get(), nullptr));
}

Result<std::optional<CommittedOffset>> Membership::committed(std::int32_t partition, std::chrono::milliseconds timeout) const {
  const PartitionList asked(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_t& answer = *rd_kafka_topic_partition_list_add(asked.get(), topic_.c_str(), partition);
  auto code = rd_kafka_committed(client_.get(), asked.get(), to_int(timeout));
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = answer.err;
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return Error::retryable(describe("asking for the group's offset", code));
  if (answer.offset < 0) return std::optional<CommittedOffset>();
  return std::optional(
      CommittedOffset{partition, answer.offset, std::string(static_cast<const char*>(answer.metadata), answer.metadata_size)});
}

Result<void> Membership::commit(std::span<const CommittedOffset> offsets, std::chrono::milliseconds timeout) {
  if (offsets.empty()) return {};
  // While the coordinator is away the library keeps a commit, sends it when it is back, and then in whatever name it has: in
  // none, if the session has ended meanwhile, for which the broker fences it for good. So it is asked for something harmless
  // first.
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  if (auto answered = committed(offsets.front().partition, timeout); !answered) return answered.error();
  if (rd_kafka_assignment_lost(client_.get()) != 0)
    return Error::retryable("committing the group's offsets: the session has ended");
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const CommittedOffset& committed : offsets) {
    auto& entry = *rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), committed.partition);
    entry.offset = committed.offset;
    entry.metadata_size = committed.note.size();
    entry.metadata = strndup(committed.note.data(), committed.note.size());  // the list frees it
  }
  // A queue of its own: an answer that comes too late goes with it.
  const QueueHandle answers(rd_kafka_queue_new(client_.get()));
  auto code = rd_kafka_commit_queue(client_.get(), list.get(), answers.get(), nullptr, nullptr);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    const Event event(rd_kafka_queue_poll(answers.get(), to_int(std::max(left, std::chrono::milliseconds(0)))));
    code = event ? rd_kafka_event_error(event.get()) : RD_KAFKA_RESP_ERR__TIMED_OUT;
  }
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return Error::retryable(describe("committing the group's offsets", code));
}

void Membership::leave(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  if (revocation_pending_) (void)give_back();
  if (rd_kafka_error_t* error = rd_kafka_consumer_close_queue(client_.get(), queue_.get())) {
    rd_kafka_error_destroy(error);  // it has closed already
    return;
  }
  while (rd_kafka_consumer_closed(client_.get()) == 0 && std::chrono::steady_clock::now() < deadline) {
    const Event event(rd_kafka_queue_poll(queue_.get(), 100));
    if (event && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_REBALANCE) rd_kafka_assign(client_.get(), nullptr);
  }
}

Result<void> follow(Membership& membership, const std::function<void(std::span<const Partition>)>& own) {
  const auto change = membership.poll(std::chrono::milliseconds{0});
  if (!change) return change.error();
  if (change->revoked) {
    own({});
    if (auto given_back = membership.give_back(); !given_back) return given_back;
  }
  if (change->assigned) {
    std::vector<Partition> partitions;
    for (const std::int32_t number : change->assigned->partitions) partitions.push_back({number});
    own(partitions);
  }
  return {};
}

}  // namespace sluice::kafka
