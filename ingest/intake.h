// Shell: a request that changes something → the intent to append, or why not. One function per entry point; nothing here
// waits or remembers.
#pragma once

#include <optional>
#include <string>

#include "ingest/admission.h"
#include "ingest/http.h"
#include "ingest/ports.h"
#include "ingest/problems.h"
#include "ingest/purchase_json.h"
#include "ingest/purpose.h"
#include "ingest/routes.h"
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
  // Both are borrowed.
  Intake(int partitions, const PublicIds& ids, const Authenticate& authenticate)
      : partitions_(partitions), ids_(ids), authenticate_(authenticate) {}

  // Writes the intent to `intent`, which is overwritten. REQUIRES: the route is no read.
  Admitted<Wanted> admit(const Route& route, const HttpRequest& request, UnixMillis now, v1::Intent& intent);

 private:
  Admitted<Wanted> purchase(const HttpRequest& request, UnixMillis now, v1::Intent& intent);

  const int partitions_;
  const PublicIds& ids_;
  const Authenticate& authenticate_;
  PurchaseJson purchase_json_;
};

}  // namespace sluice
