#include "kafka/group_admin.h"

#include <utility>

#include "kafka/client.h"
#include "kafka/events.h"

namespace sluice::kafka {
namespace {

GroupMember member_of(const rd_kafka_MemberDescription_t* member, const std::string& topic) {
  const char* instance = rd_kafka_MemberDescription_group_instance_id(member);
  GroupMember found{.instance = instance != nullptr ? instance : rd_kafka_MemberDescription_client_id(member),
                    .host = rd_kafka_MemberDescription_host(member),
                    .partitions = {}};
  const auto* assigned = rd_kafka_MemberAssignment_partitions(rd_kafka_MemberDescription_assignment(member));
  for (int i = 0; assigned != nullptr && i < assigned->cnt; ++i) {
    if (topic == assigned->elems[i].topic) found.partitions.push_back(assigned->elems[i].partition);
  }
  return found;
}

}  // namespace

Result<Group> describe_group(const ClientSettings& settings, const std::string& group, const std::string& topic,
                             std::chrono::milliseconds timeout) {
  auto client = Configuration(settings).start(RD_KAFKA_PRODUCER);
  if (!client) return client.error();
  const QueueHandle queue(rd_kafka_queue_new(client->get()));
  const char* names[] = {group.c_str()};
  rd_kafka_AdminOptions_t* options = rd_kafka_AdminOptions_new(client->get(), RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS);
  rd_kafka_AdminOptions_set_request_timeout(options, to_int(timeout), nullptr, 0);
  rd_kafka_DescribeConsumerGroups(client->get(), names, 1, options, queue.get());
  rd_kafka_AdminOptions_destroy(options);
  const std::string what = "asking for the group " + group;
  const Event event(rd_kafka_queue_poll(queue.get(), 2 * to_int(timeout)));
  if (!event) return Error::retryable(what + ": no answer from the brokers");
  if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Error::retryable(describe(what, code, rd_kafka_event_error_string(event.get())));
  }
  std::size_t count = 0;
  const auto* const* groups =
      rd_kafka_DescribeConsumerGroups_result_groups(rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count);
  CHECK(count == 1);
  if (const auto* error = rd_kafka_ConsumerGroupDescription_error(groups[0]); error != nullptr) {
    return Error::retryable(describe(what, rd_kafka_error_code(error), rd_kafka_error_string(error)));
  }
  Group found{.state = rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(groups[0])), .members = {}};
  for (std::size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(groups[0]); ++i) {
    found.members.push_back(member_of(rd_kafka_ConsumerGroupDescription_member(groups[0], i), topic));
  }
  return found;
}

}  // namespace sluice::kafka
