#include "ledger/redis_view.h"

#include <algorithm>
#include <utility>

#include "ledger/thread_priority.h"
#include "runtime/check.h"
#include "runtime/clock.h"
#include "runtime/log.h"

namespace sluice {
namespace {

constexpr int kReconnectDoublingsMax = 4;

}  // namespace

struct RedisView::Attached {
  Attached(Partition partition, LedgerStore& store, const ViewLaneSettings& settings, Metrics& metrics)
      : lane(partition, store, settings, metrics) {}

  ViewLane lane;
  // Under the view's mutex.
  bool trusted = false;  // its store may be read
  bool in_use = false;   // by the view thread
  bool leaving = false;  // detach waits for the thread
};

// What a lane holds of the view.
class RedisView::Publisher : public StateView {
 public:
  Publisher(RedisView& view, Partition partition, ViewBacklog& backlog)
      : view_(view), partition_(partition), backlog_(backlog) {}
  ~Publisher() override { view_.detach(partition_); }
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  bool keeps_up() const override { return backlog_.state() == ViewBacklog::State::kFollows; }
  void publish(ViewChanges changes) override {
    if (next_ != Position{} && next_ < changes.next) view_.pace_.note_decided(changes.next.offset() - next_.offset());
    next_ = changes.next;
    if (backlog_.publish(std::move(changes))) view_.wake();
  }
  void trust_store() override {
    if (!std::exchange(trusted_, true)) view_.trust(partition_);
  }

 private:
  RedisView& view_;
  const Partition partition_;
  ViewBacklog& backlog_;
  Position next_;  // after what was published; {0}: nothing yet
  bool trusted_ = false;
};

// Walks over the lanes, so that none is detached while the thread works on it and the lock is not held meanwhile. Skips lanes
// that are leaving, that the thread is working on already, and those whose store is not trusted yet.
class RedisView::InUse {
 public:
  explicit InUse(RedisView& view) : view_(view) {}
  ~InUse() {
    const std::lock_guard lock(view_.mutex_);
    release();
  }
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;

  Attached* next() {
    const std::lock_guard lock(view_.mutex_);
    auto place = last_ ? view_.lanes_.upper_bound(*last_) : view_.lanes_.begin();
    while (place != view_.lanes_.end() && !is_free(*place->second)) ++place;
    release();
    if (place == view_.lanes_.end()) return nullptr;
    last_ = place->first;
    current_ = place->second.get();
    current_->in_use = true;
    return current_;
  }

 private:
  static bool is_free(const Attached& lane) { return lane.trusted && !lane.in_use && !lane.leaving; }
  void release() {  // REQUIRES: the lock is held
    if (current_ == nullptr) return;
    current_->in_use = false;
    current_ = nullptr;
    view_.left_.notify_all();
  }

  RedisView& view_;
  std::optional<Partition> last_;
  Attached* current_ = nullptr;
};

RedisView::RedisView(RedisViewSettings settings, Metrics& metrics)
    : settings_(std::move(settings)), metrics_(metrics), view_metrics_(metrics), thread_([this] { run(); }) {}

RedisView::~RedisView() {
  {
    const std::lock_guard lock(mutex_);
    CHECK(lanes_.empty());
    stopping_ = true;
    woken_.notify_all();
  }
  thread_.join();
}

std::unique_ptr<StateView> RedisView::attach(Partition partition, LedgerStore& store) {
  auto attached = std::make_unique<Attached>(partition, store, settings_.lane, metrics_);
  ViewBacklog& backlog = attached->lane.backlog();
  {
    const std::lock_guard lock(mutex_);
    CHECK(lanes_.emplace(partition, std::move(attached)).second);
  }
  return std::make_unique<Publisher>(*this, partition, backlog);
}

void RedisView::trust(Partition partition) {
  {
    const std::lock_guard lock(mutex_);
    lanes_.at(partition)->trusted = true;
  }
  wake();
}

void RedisView::detach(Partition partition) {
  std::unique_lock lock(mutex_);
  const auto place = lanes_.find(partition);
  CHECK(place != lanes_.end());
  place->second->leaving = true;
  left_.wait(lock, [&] { return !place->second->in_use; });
  lanes_.erase(place);
}

void RedisView::wake() {
  const std::lock_guard lock(mutex_);
  awake_ = true;
  woken_.notify_one();
}

std::optional<Error> RedisView::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void RedisView::run() {
  // Redis may lag, decisions may not: while lanes drain a backlog, writing it to Redis would take a core of theirs.
  give_way_to_other_threads();
  while (true) {
    {
      std::unique_lock lock(mutex_);
      woken_.wait_until(lock, redis_ ? next_check_ : next_connect_, [this] { return stopping_ || (awake_ && redis_); });
      if (stopping_ || failure_) return;
      awake_ = false;
    }
    const Instant now = std::chrono::steady_clock::now();
    if (auto turned = turn(now); !turned) accept(turned.error(), now);
  }
}

Result<void> RedisView::turn(Instant now) {
  if (!redis_ && (now < next_connect_ || !connect(now))) return {};
  {
    InUse lanes(*this);
    while (Attached* attached = lanes.next()) {
      copied_since_ = std::chrono::steady_clock::now();
      auto turned = attached->lane.turn(*redis_, now, [&] { return pause_copy(*attached); });
      if (!turned) return turned;
      if (attached->lane.has_more()) wake();
    }
  }
  return now < next_check_ ? Result<void>() : check_all(now);
}

bool RedisView::connect(Instant now) {
  auto redis = ViewWriter::connect(settings_.redis);
  if (!redis) {
    accept(redis.error(), now);
    return false;
  }
  redis_.emplace(std::move(redis).value());
  next_check_ = now + settings_.check_interval;
  view_metrics_.connected.Set(1);
  log_info("connected to Redis at {}", redis_->name());
  return warn_of_eviction(now);
}

// A Redis that throws keys away when memory is short breaks every promise that the view makes there. The ledger goes on, as
// nobody decides by the view; somebody has to set it right.
bool RedisView::warn_of_eviction(Instant now) {
  const auto policy = redis_->eviction_policy();
  if (!policy) {
    accept(policy.error(), now);
    return false;
  }
  const bool safe = *policy == "noeviction";
  view_metrics_.eviction_safe.Set(safe ? 1 : 0);
  if (safe) return true;
  log_warning(
      "Redis at {} {}: it may throw away orders that it is believed to have. Set it: CONFIG SET maxmemory-policy noeviction",
      redis_->name(), *policy ? "has maxmemory-policy " + **policy : std::string("does not tell its maxmemory-policy"));
  return true;
}

Result<bool> RedisView::pause_copy(const Attached& copying) {
  {
    InUse lanes(*this);
    while (Attached* attached = lanes.next()) {
      if (auto written = attached->lane.write_published(*redis_); !written) return written.error();
    }
  }
  const Instant now = std::chrono::steady_clock::now();
  const auto rest = pace_.rest(now - copied_since_, now);
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, rest, [this, &copying] { return stopping_ || copying.leaving; });
  copied_since_ = now + rest;
  return !stopping_ && !copying.leaving;
}

Result<void> RedisView::check_all(Instant now) {
  next_check_ = now + settings_.check_interval;
  const UnixMillis time = unix_millis();
  InUse lanes(*this);
  while (Attached* attached = lanes.next()) {
    if (auto checked = attached->lane.check(*redis_, now, time); !checked) return checked;
  }
  told_trouble_.clear();
  troubles_ = 0;
  return {};
}

// Redis's trouble: every lane is behind until there is a new connection. Any other is the end of the view.
void RedisView::accept(const Error& error, Instant now) {
  redis_.reset();
  view_metrics_.connected.Set(0);
  next_connect_ = now + settings_.reconnect_wait * (1 << std::min(troubles_++, kReconnectDoublingsMax));
  if (std::exchange(told_trouble_, error.message) != error.message) log_warning("{}", error.message);
  const std::lock_guard lock(mutex_);
  for (const auto& [partition, attached] : lanes_) attached->lane.fall_behind(now);
  if (error.kind != Error::Kind::kRetryable) failure_ = error;
}

}  // namespace sluice
