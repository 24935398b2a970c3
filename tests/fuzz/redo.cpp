// Shell: any bytes in `orders`, one record after the other, as a ledger that starts from the log reads them: a record is redone
// and covers at least one intent, or it is refused.
#include <cstddef>
#include <cstdint>

#include "ledger/ledger.h"
#include "runtime/check.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;
  fuzz::Input input(data, size);
  Ledger ledger(LedgerIdentity{Partition{0}, Generation{1}, 1});
  v1::OrderRecord record;
  while (!input.is_empty()) {
    const std::string_view bytes = input.bytes(input.byte());
    if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) continue;
    if (static_cast<Offset>(record.first_offset()) != ledger.state().next) continue;
    const Offset before = ledger.state().next;
    Effects effects(true);
    if (!ledger.redo(record, effects)) return 0;
    CHECK(ledger.state().next > before);
  }
  return 0;
}
