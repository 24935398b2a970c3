// Pure: a history of one partition from bytes: each wish is a byte that says what, then a few that say of whom, how many and
// when. Small numbers of SKUs, users and keys, so that wishes meet; orders are named by the intents before.
#pragma once

#include <string>
#include <vector>

#include "schemas/ids.h"
#include "schemas/intent.pb.h"
#include "tests/fuzz/input.h"

namespace sluice::fuzz {

struct Wish {
  UnixMillis append_time = 0;
  std::string bytes;
  bool ends_batch = false;
};

class Wishes {
 public:
  static constexpr Partition kPartition{0};
  static constexpr Generation kGeneration{1};
  static constexpr int kPartitions = 2;

  // All of the input.
  static std::vector<Wish> from(Input& input);

 private:
  explicit Wishes(Input& input) : input_(input) {}

  void add_next();
  void add(std::string bytes);
  void add(v1::Intent& intent);
  v1::Intent asked(unsigned kind);
  void purchase(v1::Purchase& purchase);
  void pay(v1::Pay& pay);
  void define(v1::DefineSale& sale);
  std::string tampered(std::string bytes);

  std::string sku();
  std::string user();
  std::string admin_key();
  std::uint64_t order();

  Input& input_;
  std::vector<Wish> wishes_;
  UnixMillis now_ = 1'000'000'000;
};

}  // namespace sluice::fuzz
