// Adapter (librdkafka): a member of a consumer group that is told which partitions of a topic are its to work on, and reads
// none of them itself. The group only suggests who should try; who really owns a partition is settled by fencing.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kafka/client_settings.h"
#include "kafka/handles.h"
#include "runtime/result.h"
#include "schemas/ids.h"

struct rd_kafka_op_s;  // an event

namespace sluice::kafka {

struct MembershipSettings {
  std::string group;
  std::string instance;  // group.instance.id: a restart within the session time keeps its partitions
  std::string topic;
  // A member that is silent for so long is dead. Heartbeats every sixth of it decide how soon that is seen.
  std::chrono::milliseconds session{6'000};
  // An owner that does not poll() for so long (it hangs) loses its membership.
  std::chrono::milliseconds poll_interval_max{30'000};
};

struct Assignment {
  std::uint64_t epoch = 0;  // 1 for the first one of this object, then one more each time
  std::vector<std::int32_t> partitions;
};

struct Revocation {
  std::uint64_t epoch = 0;
  bool lost = false;  // the session had expired: somebody else may own the partitions already
};

struct MembershipChange {
  std::optional<Assignment> assigned;  // all partitions from now on
  std::optional<Revocation> revoked;   // all that were assigned
};

// What a group keeps for one partition, for itself and for tools that show how far it is.
struct CommittedOffset {
  std::int32_t partition = 0;
  std::int64_t offset = 0;  // of the next message to read
  std::string note;         // the committer's own, at most 4 KiB
};

// One thread.
class Membership {
 public:
  static Result<std::unique_ptr<Membership>> join(const ClientSettings& client, const MembershipSettings& settings);
  ~Membership();
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;

  // The next change; neither if none came within `wait`. Errors are fatal: exit, and let the next start join anew.
  // After a revocation the owner first stops its work on the partitions, then calls give_back(): until then nobody else is
  // assigned them. REQUIRES: no revocation waits for give_back().
  Result<MembershipChange> poll(std::chrono::milliseconds wait);
  Result<void> give_back();

  // What was committed last for a partition of the topic, by whichever member; nothing: never. Retryable.
  Result<std::optional<CommittedOffset>> committed(std::int32_t partition, std::chrono::milliseconds timeout) const;

  // Commits for partitions that are assigned to this member. Retryable: nobody knows whether it was done, or the group is about
  // to change.
  Result<void> commit(std::span<const CommittedOffset> offsets, std::chrono::milliseconds timeout);

  // Ends the membership. The partitions pass to others when the session ends, unless the same instance comes back before.
  // REQUIRES: the owner has stopped its work.
  void leave(std::chrono::milliseconds timeout);

 private:
  Membership(ClientHandle client, QueueHandle queue, std::string topic);
  Result<MembershipChange> take(rd_kafka_op_s& event);
  Result<MembershipChange> take_rebalance(rd_kafka_op_s& event);

  ClientHandle client_;
  QueueHandle queue_;
  std::string topic_;
  std::uint64_t epoch_ = 0;
  bool revocation_pending_ = false;
};

// Takes over what the group suggests, if it has changed; call it once a turn, it never waits. `own` is told all partitions to
// work on from now on: none between a revocation and the next assignment. It has stopped work on the others when it returns.
Result<void> follow(Membership& membership, const std::function<void(std::span<const Partition>)>& own);

}  // namespace sluice::kafka
