// Shell: any bytes as the body of a request, and as the signature of a payment gateway's: read whole or refused with a reason.
#include "ingest/bodies.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "ingest/problems.h"
#include "ingest/webhook.h"
#include "runtime/check.h"
#include "tests/fuzz/input.h"

namespace {

using namespace sluice;

void look_at(const Refusal& refusal) {
  CHECK(!refusal.detail.empty());
  static_cast<void>(problem_answer(refusal));
}

template <typename T>
void look_at(const Admitted<T>& admitted) {
  if (const Refusal* refusal = std::get_if<Refusal>(&admitted)) look_at(*refusal);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static JsonBody json;
  static const WebhookCheck kCheck({"a secret of at least thirty-two bytes"}, 300'000);
  constexpr UnixMillis kNow = 1'700'000'000'000;
  fuzz::Input input(data, size);
  const unsigned kind = input.below(8);
  if (kind == 7) {
    const std::string_view signature = input.piece();
    if (const auto refusal = kCheck.problem_with(signature, input.rest(), kNow)) look_at(*refusal);
    return 0;
  }
  const std::string_view body = input.rest();
  v1::DefineSale sale;
  switch (kind) {
    case 0:
      look_at(read_purchase(json, body));
      break;
    case 1:
      look_at(read_payment(json, body));
      break;
    case 2:
      if (const auto refusal = read_sale(json, body, sale)) look_at(*refusal);
      break;
    case 3:
      look_at(read_stock(json, body));
      break;
    case 4:
      look_at(read_freeze(json, body));
      break;
    case 5:
      look_at(read_refund(json, body));
      break;
    default:
      look_at(read_settled(json, body));
  }
  return 0;
}
