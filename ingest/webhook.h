// Pure: whether a payment gateway's message is genuine: the header Sluice-Signature and the secrets that we share with it.
//
//   Sluice-Signature: t=<Unix seconds>,v1=<hex of HMAC-SHA256(secret, "<t>.<body>")>[,v1=…]
//
// The signature is over the bytes of the body as they came and over the moment, so that neither can be changed, nor sent much
// later. Sending it again within the tolerance is fine: the ledger knows each payment by its id. To change secrets without a
// gap, either side may have several: one match is enough.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/problems.h"
#include "schemas/ids.h"

namespace sluice {

class WebhookCheck {
 public:
  static constexpr std::size_t kSecretBytesMin = 32;

  // Without secrets nothing is taken. `tolerance_ms`: how far the gateway's clock and ours may be apart, delivery included.
  WebhookCheck(std::vector<std::string> secrets, UnixMillis tolerance_ms)
      : secrets_(std::move(secrets)), tolerance_ms_(tolerance_ms) {}

  // Nothing if the message is genuine and of this time. How long it takes does not depend on how wrong a signature is.
  std::optional<Refusal> problem_with(std::string_view signature, std::string_view body, UnixMillis now) const;

 private:
  std::vector<std::string> secrets_;
  UnixMillis tolerance_ms_;
};

}  // namespace sluice
