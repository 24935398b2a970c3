// Shell: people and gateways that ask by HTTP, and do not give up: they click twice, at both servers, repeat what was cut off
// or answered 503, ask for their ticket until they have a verdict, and deliver payments again and again.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/crowd.h"
#include "tests/simulation/hearing.h"
#include "tests/simulation/ingest_process.h"

namespace sluice::simulation {

class Buyers : public Customers {
 public:
  Buyers(Surroundings& surroundings, Crowd& crowd, const PublicIds& ids, std::string webhook_secret);

  // Somebody may want something new, or ask again. `ask` sends it to a server.
  void act(const std::function<void(Asking)>& ask);
  // Only what is not settled yet is asked for.
  void insist(const std::function<void(Asking)>& ask);

  void answered(std::uint64_t asking, const HttpAnswer& answer) override;
  void cut_off(std::uint64_t asking) override;

  // Everybody has a verdict, and every payment was taken.
  bool satisfied() const;
  // Every payment that a gateway was told to be received has an end (invariant I8). Throws Violation.
  void judge_money() const;
  std::string unsatisfied() const;

 private:
  struct Wish {
    Purchasing asked;
    std::string ticket = {};  // of the last answer that brought one
    bool final = false;
    std::string order = {};  // public id, when one came of it
    bool paying = false;
  };
  struct Payment {
    std::string id;
    std::string order;  // public id
    std::int64_t amount = 0;
    std::string currency;
    bool received = false;
  };
  enum class Kind { kPurchase, kRead, kPry, kPay, kCancel, kStock, kAct };
  struct Open {
    Kind kind;
    std::size_t subject = 0;  // of wishes_ or payments_
    std::string sku = {};
  };

  void want_something(const std::function<void(Asking)>& ask);
  void new_wish();
  void new_payment(const Wish& wish);
  Asking begin(Kind kind, std::size_t subject, std::string sku = {});
  Asking purchase(std::size_t wish);
  Asking read(std::size_t wish);
  // Somebody else has got hold of the ticket, or of the order's id.
  Asking pry(std::size_t wish);
  Asking pay(std::size_t payment);
  Asking cancel(std::size_t wish);
  Asking read_stock();
  Asking adjust_stock();

  void hear_wish(Wish& wish, const HttpAnswer& answer);
  bool of_one_sale(const Wish& wish, const std::string& order) const;

  Surroundings& surroundings_;
  Crowd& crowd_;
  const PublicIds& ids_;
  const std::string webhook_secret_;
  Hearing hearing_;
  std::vector<Wish> wishes_;
  std::vector<Payment> payments_;
  std::map<std::uint64_t, Open> open_;
  std::uint64_t last_asking_ = 0;
};

}  // namespace sluice::simulation
