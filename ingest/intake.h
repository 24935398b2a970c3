// Shell: a request that changes something → the intent to append, or why not. One function per entry point; nothing here
// waits or remembers.
#pragma once

#include <optional>
#include <string>

#include "ingest/admission.h"
#include "ingest/bodies.h"
#include "ingest/http.h"
#include "ingest/ports.h"
#include "ingest/problems.h"
#include "ingest/purpose.h"
#include "ingest/routes.h"
#include "ingest/webhook.h"
#include "schemas/public_id.h"

namespace sluice {

// An intent that may be appended.
struct Wanted {
  Purpose purpose;
  Partition partition;
  std::string key = {};                           // the message's key in Kafka: the SKU, where the intent names one
  std::optional<AdmittedPurchase> purchase = {};  // of a purchase: what a repetition is known by
};

class Intake {
 public:
  // Who may ask, and where it goes; all are borrowed.
  struct Gate {
    Generation generation;
    int partitions;
    const PublicIds& ids;
    const Authenticate& authenticate;
    const WebhookCheck& webhook;
  };
  explicit Intake(const Gate& gate) : gate_(gate) {}

  // Writes the intent to `intent`, which is overwritten. REQUIRES: the route is no read.
  Admitted<Wanted> admit(const Route& route, const HttpRequest& request, UnixMillis now, v1::Intent& intent);

 private:
  Admitted<Wanted> purchase(const HttpRequest& request, UnixMillis now, v1::Intent& intent);
  Admitted<Wanted> cancel(const Route& route, const HttpRequest& request, UnixMillis now, v1::Intent& intent) const;
  Admitted<Wanted> payment(const HttpRequest& request, UnixMillis now, v1::Intent& intent);
  Admitted<Wanted> admin(const Route& route, const HttpRequest& request, UnixMillis now, v1::Intent& intent);

  // The administrative acts; nothing: the intent is written, and its fields are not checked yet.
  std::optional<Refusal> apply_sale(const Route& route, const HttpRequest& request, v1::DefineSale& sale);
  std::optional<Refusal> adjust_stock(const Route& route, const HttpRequest& request, v1::AdjustStock& adjust);
  std::optional<Refusal> freeze(const Route& route, const HttpRequest& request, v1::Freeze& freeze);
  std::optional<Refusal> refund(const Route& route, const HttpRequest& request, v1::Refund& refund);
  std::optional<Refusal> settle(const Route& route, const HttpRequest& request, v1::RefundSettled& settled);

  bool is_ours(Ticket ticket) const;
  // The order that a payment names; 0 if it is none of ours.
  std::uint64_t order_in(std::string_view text) const;

  const Gate gate_;
  JsonBody json_;
};

}  // namespace sluice
