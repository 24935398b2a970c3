// Pure: the bench's buyers: which SKU each wants, and the intent that says so. A function of the crowd alone, so that everybody
// who is given the same intents is asked the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schemas/ids.h"
#include "schemas/intent.pb.h"

namespace sluice::bench {

struct Crowd {
  int partition_count = 1;
  int skus = 1;                        // as many in each partition; REQUIRES: a multiple of partition_count …
  std::optional<Partition> only = {};  // … or all of them in this one
  std::int64_t stock = 0;              // of each SKU
  std::int64_t first = 0;              // number of the first buyer: a later part of the crowd has other users
  std::int64_t buyers = 0;             // one unit each, each another user
  bool mixed = false;  // of ten requests one repeats the one before, and one is a buyer's second, beyond the limit
};

struct Sku {
  std::string name;
  Partition partition;
};

std::vector<Sku> skus_of(const Crowd& crowd);

// On sale since a day and for another, one unit for each user.
v1::Intent sale_of(const Sku& sku, const Crowd& crowd, UnixMillis now);

// Writes the intents of a crowd one after the other into the same object.
class Buyers {
 public:
  explicit Buyers(const Crowd& crowd);

  // The intent of buyer `number`, and where it goes. Valid until the next call.
  struct Wish {
    const Sku& sku;
    const v1::Intent& intent;
  };
  Wish wish_of(std::int64_t number);

 private:
  const bool mixed_;
  const std::vector<Sku> skus_;
  v1::Intent intent_;
};

}  // namespace sluice::bench
