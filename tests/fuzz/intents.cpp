// Shell: any bytes in `intents`: they are read, or refused, in one way only; and what is well formed is what the oracle of the
// simulation, written anew from the format's comments, calls so.
#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/check.h"
#include "schemas/intent_format.h"
#include "schemas/intent_route.h"
#include "tests/simulation/oracle/form.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;
  constexpr int kPartitions = 8;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  v1::Intent intent;
  const Readability readability = read_intent(bytes, intent);
  if (const auto purchase = purchase_in(bytes)) {
    v1::Purchase same;
    CHECK(same.ParseFromArray(purchase->data(), static_cast<int>(purchase->size())) ==
          (readability != Readability::kUnreadable));
    if (readability == Readability::kIntent) CHECK(same.SerializeAsString() == intent.purchase().SerializeAsString());
  }
  if (readability != Readability::kIntent) return 0;

  CHECK(problem_with(intent).empty() == oracle::is_well_formed(intent));
  const Partition route = route_of(intent, kPartitions);
  // What names an order goes to the order's partition, also where there is none of that number.
  const bool follows_order = intent.has_cancel() || intent.has_refund();
  CHECK(route.value >= 0 && (follows_order || route.value < kPartitions));
  v1::Intent again;
  CHECK(read_intent(intent.SerializeAsString(), again) == Readability::kIntent);
  CHECK(again.SerializeAsString() == intent.SerializeAsString());
  return 0;
}
