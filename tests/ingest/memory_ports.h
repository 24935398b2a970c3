// Shell: stand-ins for the world of the ingest loop: a log whose broker and ledger the test plays.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ingest/ports.h"
#include "schemas/intent_format.h"

namespace sluice {

class MemoryAppends final : public IntentAppends {
 public:
  struct Sent {
    AppendId append;
    Partition partition;
    std::string key;
    v1::Intent intent;
  };

  bool append(Partition partition, std::string_view key, std::string_view intent, AppendId append) override {
    if (full) return false;
    Sent message{append, partition, std::string(key), {}};
    if (read_intent(intent, message.intent) != Readability::kIntent) return false;
    sent.push_back(std::move(message));
    return true;
  }
  Result<void> ended(std::vector<AppendEnd>& into) override {
    into.insert(into.end(), ends.begin(), ends.end());
    ends.clear();
    if (broken) return Error::fatal("the producer is of no more use");
    return {};
  }

  // The broker acknowledges the n-th message that was sent, at the next offset of its partition.
  Offset acknowledge(std::size_t n) {
    const Offset offset = end[sent.at(n).partition.value]++;
    ends.push_back({sent.at(n).append, AppendEnd::How::kAcknowledged, offset});
    return offset;
  }
  void fail(std::size_t n, AppendEnd::How how) { ends.push_back({sent.at(n).append, how, -1}); }

  bool full = false;
  bool broken = false;
  std::vector<Sent> sent;
  std::vector<AppendEnd> ends;
  std::map<int, Offset> end;
};

class MemoryTail final : public OrdersTail {
 public:
  Result<std::size_t> read(const TakeRecord& take) override {
    std::size_t count = 0;
    for (; !records.empty(); ++count) {
      const Line line = std::move(records.front());
      records.pop_front();
      if (auto taken = take(line.partition, line.record, line.appended); !taken) return taken.error();
    }
    return count;
  }

  bool reached_end(Partition) const override { return records.empty(); }

  struct Line {
    Partition partition;
    v1::OrderRecord record;
    UnixMillis appended;
  };
  std::deque<Line> records;
};

class MemoryStored final : public StoredOrders {
 public:
  bool ask(Ticket order, Exchange asked_by) override {
    if (full) return false;
    questions.emplace_back(order, asked_by);
    return true;
  }
  void answered(std::vector<StoredOrder>& into) override {
    into.insert(into.end(), replies.begin(), replies.end());
    replies.clear();
  }

  bool full = false;
  std::vector<std::pair<Ticket, Exchange>> questions;
  std::vector<StoredOrder> replies;
};

class MemoryStoredStock final : public StoredStock {
 public:
  bool load() override {
    ++loads;
    return true;
  }
  std::optional<StoredStocks> loaded() override { return std::exchange(reply, std::nullopt); }

  int loads = 0;
  std::optional<StoredStocks> reply;
};

class MemoryAnswers final : public Answers {
 public:
  void answer(Exchange exchange, HttpAnswer answer) override { given[exchange] = std::move(answer); }

  std::map<Exchange, HttpAnswer> given;
};

}  // namespace sluice
