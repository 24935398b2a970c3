// Shell: everybody who asks something of the partition: buyers who click twice, gateways, operators, clocks, and writers of
// rubbish; by chance, but aimed at what exists and at the edges of time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "schemas/ids.h"
#include "schemas/intent.pb.h"
#include "schemas/order_record.pb.h"
#include "tests/simulation/dice.h"

namespace sluice::simulation {

struct CrowdPlace {
  Partition partition;
  Generation generation;
  int partition_count = 1;
};

class Crowd {
 public:
  Crowd(Dice& dice, CrowdPlace place);

  // Bytes to append at `next`.
  std::string ask(Offset next, UnixMillis now);

  // What was ruled, so that the next wishes fit.
  void hear(const v1::OrderRecord& record);

  bool is_anything_on_offer(UnixMillis now) const;

  // A moment after `now` at which something begins, ends or is forgotten, or `now` if the crowd knows of none.
  UnixMillis moment_after(UnixMillis now);

  // Of our partition; now and then one that has no sale.
  std::string sku_of_ours();
  std::string user();

 private:
  std::string text_of(v1::Intent intent);
  v1::Intent purchase();
  v1::Intent first_purchase();
  v1::Intent pay(Offset next);
  v1::Intent cancel(Offset next);
  v1::Intent refund(Offset next);
  v1::Intent settle(Offset next);
  v1::Intent due(UnixMillis now);
  v1::Intent sale(const std::string& sku, UnixMillis now);
  bool is_on_offer(const std::string& sku, UnixMillis now) const;
  v1::DefineSale new_sale(const std::string& sku, UnixMillis now);
  void amend(v1::DefineSale& sale, UnixMillis now);
  void add_slots(v1::DefineSale& sale, UnixMillis from);
  v1::Intent adjust();
  v1::Intent freeze();
  v1::Intent malformed(Offset next, UnixMillis now);
  std::string rubbish();

  std::uint64_t name_of_an_order(Offset next);
  std::uint64_t ticket(Offset offset) const {
    return Ticket::of(place_.partition, Position::at(place_.generation, offset)).value;
  }
  std::string admin_key();

  Dice& dice_;
  const CrowdPlace place_;
  std::vector<std::string> skus_;  // of our partition; the last one is never defined
  std::string foreign_sku_;
  int users_ = 0;
  int keys_ = 0;  // request keys in use
  int sales_ = 0;
  int payments_ = 0;

  std::vector<v1::Intent> purchases_;  // that were asked for, to be repeated
  v1::Intent storm_;                   // a purchase that somebody clicks again and again
  int storm_left_ = 0;
  std::vector<v1::Intent> acts_;                   // of administrators
  std::map<std::string, v1::DefineSale> defined_;  // as they are, or as the first was asked for
  std::vector<v1::DefineSale> all_sales_;
  std::map<std::uint64_t, v1::Order> orders_;
  std::vector<std::uint64_t> order_ids_;
  std::vector<std::uint64_t> repeated_;  // tickets of duplicates
  std::vector<std::string> payment_ids_;
  std::vector<std::uint64_t> payment_orders_;
  std::vector<UnixMillis> refused_at_;
};

}  // namespace sluice::simulation
