// Pure: compares what `orders` says with what the model says, ruling by ruling and field by field.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/oracle/model.h"

namespace sluice::oracle {

struct Asked {
  UnixMillis append_time = 0;
  std::string bytes;
};

// Whether fingerprints name the same things as the texts that they stand for: one for each, and each for one.
class Fingerprints {
 public:
  // False: contradicts what was said before.
  bool agree(const std::string& text, std::uint64_t high, std::uint64_t low);

 private:
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> of_text_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> text_of_;
};

// How often each ruling was made: "Purchase refused SOLD_OUT".
using RulingCounts = std::map<std::string, std::int64_t>;

class Judge {
 public:
  explicit Judge(Place place) : model_(std::move(place)) {}

  // The first contradiction between `records`, the committed messages of the partition in log order, and the model's rulings on
  // `asked`; empty if there is none. Also that they cover all of `asked` exactly (invariants I3 and I5).
  std::string contradiction(const std::vector<Asked>& asked, const std::vector<std::string>& records);

  const Model& model() const { return model_; }
  const RulingCounts& counts() const { return counts_; }

  // Whether `order`, with the fingerprints of its request, is the model's `expected`, which has none.
  bool is_same(const v1::Order& order, const v1::Order& expected);

 private:
  std::string contradiction_in(const v1::OrderRecord& record, const std::vector<Asked>& asked);
  std::string compare(const v1::OrderRecord& record, int index, UnixMillis log_time, const Asked& asked);
  bool keys_are_right(const Ruling& expected, v1::Verdict& verdict);
  void count(const std::string& bytes, const v1::Change& change);

  Model model_;
  Fingerprints keys_;
  Fingerprints contents_;
  RulingCounts counts_;
};

}  // namespace sluice::oracle
