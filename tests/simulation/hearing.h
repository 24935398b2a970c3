// Shell: judges what ingest tells people against what was decided: a ticket is of their own intent, a verdict is the ruling on
// it, and nobody hears "refused" about an order that exists (invariants I3 and I4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ingest/http.h"
#include "schemas/public_id.h"
#include "tests/simulation/oracle/model.h"
#include "tests/simulation/surroundings.h"

namespace sluice::simulation {

// Who asked for what.
struct Purchasing {
  std::string user;
  std::string key;
  std::string sku;
  int quantity = 1;
};

// What an answer about a ticket says.
struct Told {
  std::string ticket;
  std::string status;
  std::string order;  // its public id; empty: none came of it
};

class Hearing {
 public:
  Hearing(Surroundings& surroundings, const PublicIds& ids) : surroundings_(surroundings), ids_(ids) {}

  // All of them throw Violation.

  // An answer with status 200 or 202 to a purchase, or to the reading of its ticket.
  Told purchase(const Purchasing& asked, const HttpAnswer& answer) const;
  // 200 about an order of `user`.
  void order(const std::string& user, const HttpAnswer& answer) const;
  // 200 about how a SKU stands.
  void sku(const std::string& sku, const HttpAnswer& answer) const;
  // 200 to an administrative act.
  void act(const HttpAnswer& answer) const;

 private:
  void judge_time_to_pay(Ticket id, const v1::Order& order, const HttpAnswer& answer) const;
  Offset judge_ticket(const Purchasing& asked, std::string_view ticket) const;
  void judge_refusal(const HttpAnswer& answer, Offset offset) const;

  Surroundings& surroundings_;
  const PublicIds& ids_;
};

// The text or number of a member of a flat JSON object, without quotes; empty if there is none.
std::string_view member(std::string_view json, std::string_view name);

}  // namespace sluice::simulation
