#include "kafka/transactional_producer.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "kafka/client.h"
#include "kafka/events.h"

namespace sluice::kafka {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kShortestQuestion{1'000};

// The code that was first: an error about a fenced producer may be reported as a consequence of it ("fatal", "state").
Error error_of(rd_kafka_t* client, std::string_view what, rd_kafka_resp_err_t code, const char* text) {
  const auto first = rd_kafka_fatal_error(client, nullptr, 0);
  std::string line = describe(what, code, text);
  return is_fenced(code) || is_fenced(first) ? Error::fenced(std::move(line)) : Error::fatal(std::move(line));
}

Result<void> outcome(rd_kafka_t* client, std::string_view what, rd_kafka_error_t* error) {
  if (error == nullptr) return {};
  Error result = error_of(client, what, rd_kafka_error_code(error), rd_kafka_error_string(error));
  rd_kafka_error_destroy(error);
  return result;
}

}  // namespace

void configure(Configuration& configuration, const TransactionSettings& settings) {
  configuration
      .set("transactional.id", settings.transactional_id)  // implies idempotence and acks=all
      .set("transaction.timeout.ms", settings.timeout.count())
      .set("message.timeout.ms", settings.timeout.count())
      // Nothing is sent before flush(), and then everything at once: this version has one request to a partition under way, and
      // as long as messages that are due wait for its answer, its thread does nothing but look at the clock.
      .set("linger.ms", 1'000)
      .set("batch.num.messages", kBatchMessagesMax)
      .set("batch.size", settings.batch_bytes_max)
      .set("message.max.bytes", kBatchBytesMax)
      .set("retry.backoff.ms", 5)                 // a broker says "concurrent transactions" for a moment after each commit
      .set("delivery.report.only.error", "true")  // flush() counts the rest: a commit falls from 10 ms to 1 ms
      .set("queue.buffering.max.messages", static_cast<std::int64_t>(settings.messages_max))
      .set("queue.buffering.max.kbytes", static_cast<std::int64_t>(settings.kbytes_max))
      .events(RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
}

Result<std::unique_ptr<TransactionalProducer>> TransactionalProducer::open(const ClientSettings& client_settings,
                                                                           const TransactionSettings& settings) {
  auto watch = std::make_unique<OffsetWatch>();
  Configuration configuration(client_settings);
  configuration.watch_offsets(*watch);
  configure(configuration, settings);
  auto client = configuration.start(RD_KAFKA_PRODUCER);
  if (!client) return client.error();
  QueueHandle queue(rd_kafka_queue_get_main(client->get()));
  TopicHandle topic(rd_kafka_topic_new(client->get(), settings.topic.c_str(), nullptr));
  if (!topic) return Error::fatal(describe("topic " + settings.topic, rd_kafka_last_error()));
  return std::unique_ptr<TransactionalProducer>(
      new TransactionalProducer(std::move(watch), std::move(*client), std::move(queue), std::move(topic), settings));
}

TransactionalProducer::TransactionalProducer(std::unique_ptr<OffsetWatch> watch, ClientHandle client, QueueHandle queue,
                                             TopicHandle topic, TransactionSettings settings)
    : watch_(std::move(watch)),
      client_(std::move(client)),
      queue_(std::move(queue)),
      topic_(std::move(topic)),
      settings_(std::move(settings)) {}

TransactionalProducer::~TransactionalProducer() {
  // Nothing that still waits may be sent by a producer that its owner has given up. (Destroying sends no abort either.)
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

Result<void> TransactionalProducer::init() {
  const auto deadline = Clock::now() + settings_.timeout;  // of all together: a watch looks at how long this takes
  const auto left = [deadline] {
    return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()), kShortestQuestion);
  };
  auto initialised = outcome(client_.get(), "taking over " + settings_.transactional_id,
                             rd_kafka_init_transactions(client_.get(), to_int(settings_.timeout)));
  if (!initialised) return initialised;
  // The first message to a topic would wait for this.
  const auto count = count_partitions(client_.get(), settings_.topic, left());
  if (!count) return Error::fatal(count.error().message);
  if (*count <= settings_.partition) {
    return Error::fatal("topic " + settings_.topic + " has " + std::to_string(*count) + " partitions, but partition " +
                        std::to_string(settings_.partition) + " is wanted");
  }
  std::int64_t low = 0;
  std::int64_t high = 0;
  rd_kafka_resp_err_t code;
  do {  // a topic's leader does not know for some milliseconds that it is one
    code = rd_kafka_query_watermark_offsets(client_.get(), settings_.topic.c_str(), settings_.partition, &low, &high,
                                            to_int(left()));
  } while (code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION && Clock::now() < deadline);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(client_.get(), "asking where the topic ends", code, nullptr);
  watch_->begins_at(high);
  return {};
}

Result<void> TransactionalProducer::begin() {
  std::this_thread::sleep_until(committed_at_ + kMarkersWritten);
  return outcome(client_.get(), "beginning a transaction", rd_kafka_begin_transaction(client_.get()));
}

Result<void> TransactionalProducer::produce(std::string_view key, std::string_view payload) {
  const int failed = rd_kafka_produce(topic_.get(), settings_.partition, RD_KAFKA_MSG_F_COPY, const_cast<char*>(payload.data()),
                                      payload.size(), key.empty() ? nullptr : key.data(), key.size(), nullptr);
  if (failed == 0) return {};
  return error_of(client_.get(), "producing to " + settings_.topic, rd_kafka_last_error(), nullptr);
}

// The library looks the partition up, locks and asks for the time once instead of for each.
Result<void> TransactionalProducer::produce(std::span<const Message> messages) {
  std::vector<rd_kafka_message_t> batch;
  batch.reserve(messages.size());
  for (const Message& message : messages) {
    rd_kafka_message_t& raw = batch.emplace_back();
    raw.payload = const_cast<char*>(message.payload.data());
    raw.len = message.payload.size();
    raw.key = message.key.empty() ? nullptr : const_cast<char*>(message.key.data());
    raw.key_len = message.key.size();
  }
  const int count = static_cast<int>(batch.size());
  if (rd_kafka_produce_batch(topic_.get(), settings_.partition, RD_KAFKA_MSG_F_COPY, batch.data(), count) == count) return {};
  const auto failed = std::ranges::find_if(batch, [](const auto& raw) { return raw.err != RD_KAFKA_RESP_ERR_NO_ERROR; });
  const auto code = failed == batch.end() ? RD_KAFKA_RESP_ERR__FAIL : failed->err;
  return error_of(client_.get(), "producing to " + settings_.topic, code, nullptr);
}

Result<void> TransactionalProducer::flush() {
  // While a failed message's report lies in the queue, rd_kafka_flush() waits; and it can return "no error" although a message
  // failed. So: short waits, and every report looked at.
  constexpr std::chrono::milliseconds kLook{20};
  const auto deadline = Clock::now() + settings_.timeout;
  while (true) {
    const auto code = rd_kafka_flush(client_.get(), to_int(kLook));
    if (auto reports = look_at_reports(); !reports) return reports;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return look_at_offsets();
    if (code != RD_KAFKA_RESP_ERR__TIMED_OUT || Clock::now() >= deadline) {
      return error_of(client_.get(), "waiting for acknowledgements of " + settings_.topic, code, nullptr);
    }
  }
}

Result<void> TransactionalProducer::look_at_offsets() const {
  const auto fall = watch_->fall();
  if (!fall) return {};
  return Error::fatal(
      fmt::format("{} was cut or replaced: partition {} has taken a message at offset {}, and reached to {} before",
                  settings_.topic, settings_.partition, fall->offset, fall->end));
}

Result<void> TransactionalProducer::look_at_reports() {
  while (const Event event{rd_kafka_queue_poll(queue_.get(), 0)}) {
    if (auto fatal = fatal_error_of(client_.get(), event.get())) return *fatal;
    while (const rd_kafka_message_t* report = rd_kafka_event_message_next(event.get())) {
      if (report->err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
      return error_of(client_.get(), "appending to " + settings_.topic, report->err, nullptr);
    }
  }
  return {};
}

Result<void> TransactionalProducer::commit() {
  auto committed = outcome(client_.get(), "committing", rd_kafka_commit_transaction(client_.get(), to_int(settings_.timeout)));
  if (!committed) return committed;
  committed_at_ = Clock::now();
  return look_at_reports();
}

}  // namespace sluice::kafka
