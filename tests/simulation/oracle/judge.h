// Pure: compares what `orders` says with what the model says, ruling by ruling and field by field.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "tests/simulation/oracle/asked.h"
#include "tests/simulation/oracle/model.h"

namespace sluice::oracle {

// Whether fingerprints name the same things as the texts that they stand for: one for each, and each for one.
class Fingerprints {
 public:
  // False: contradicts what was said before.
  bool agree(const std::string& text, std::uint64_t high, std::uint64_t low);

 private:
  absl::flat_hash_map<std::string, std::pair<std::uint64_t, std::uint64_t>> of_text_;
  absl::flat_hash_map<std::pair<std::uint64_t, std::uint64_t>, std::string> text_of_;
};

// How often each ruling was made: "Purchase refused SOLD_OUT".
using RulingCounts = std::map<std::string, std::int64_t>;

class Judge {
 public:
  explicit Judge(Place place) : model_(std::move(place)) {}

  // The first contradiction between `record`, the next committed message of the partition, and the model's rulings on the
  // intents that it covers; empty if there is none. `asked`: the whole log of intents. Also that no intent is left out or ruled
  // on twice (invariants I3 and I5).
  std::string contradiction(const v1::OrderRecord& record, const std::vector<Asked>& asked);

  const Model& model() const { return model_; }
  RulingCounts counts() const;

  // Whether `order`, with the fingerprints of its request, is the model's `expected`, which has none.
  bool is_same(const v1::Order& order, const v1::Order& expected);

 private:
  // A ruling without its figures, to be counted.
  struct Kind {
    v1::Intent::KindCase intent;
    v1::Change::EventCase event;  // of an accepted one
    v1::Outcome outcome;
    v1::Reason reason;
    bool again;        // bought again
    bool slot_opened;  // beside it
    auto operator<=>(const Kind&) const = default;
  };

  std::string compare(const v1::OrderRecord& record, int index, UnixMillis log_time, const Asked& asked);
  bool sign(const v1::Verdict& verdict, Ruling& expected);
  bool sign_orders(const v1::Change& ruled, v1::Change& expected);
  void count(v1::Intent::KindCase intent, const v1::Change& change);
  static std::string name_of(const Kind& kind);

  Model model_;
  Fingerprints keys_;
  Fingerprints contents_;
  std::map<Kind, std::int64_t> counts_;
  std::string ruled_bytes_;  // reused
  std::string expected_bytes_;
};

}  // namespace sluice::oracle
