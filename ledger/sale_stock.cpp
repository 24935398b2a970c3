#include "ledger/sale_stock.h"

#include "runtime/check.h"

namespace sluice {
namespace {

void add(v1::Counters& counters, Pile pile, std::int64_t units) {
  switch (pile) {
    case Pile::kUnopened:
      counters.set_unopened(counters.unopened() + units);
      break;
    case Pile::kAvailable:
      counters.set_available(counters.available() + units);
      break;
    case Pile::kHeld:
      counters.set_held(counters.held() + units);
      break;
    case Pile::kSold:
      counters.set_sold(counters.sold() + units);
      break;
    case Pile::kWithdrawn:
      counters.set_withdrawn(counters.withdrawn() + units);
      break;
  }
}

}  // namespace

void move_units(v1::Counters& counters, Pile from, Pile to, std::int64_t units) {
  CHECK(units >= 0);
  add(counters, from, -units);
  add(counters, to, units);
  check_counters(counters);
}

void define_units(v1::Counters& counters, Pile pile, std::int64_t units) {
  counters.set_defined(counters.defined() + units);
  add(counters, pile, units);
  check_counters(counters);
}

void check_counters(const v1::Counters& counters) {
  CHECK(counters.unopened() >= 0);
  CHECK(counters.available() >= 0);
  CHECK(counters.held() >= 0);
  CHECK(counters.sold() >= 0);
  CHECK(counters.withdrawn() >= 0);
  CHECK(counters.defined() ==
        counters.unopened() + counters.available() + counters.held() + counters.sold() + counters.withdrawn());
}

bool SaleStock::has_slot_due(UnixMillis log_time) const {
  return opened_slots < sale.slots_size() && sale.slots(opened_slots).opens_ms() <= log_time;
}

void SaleStock::open_due_slots(UnixMillis log_time, google::protobuf::RepeatedPtrField<v1::SlotOpened>& opened) {
  while (has_slot_due(log_time)) {
    const v1::Slot& slot = sale.slots(opened_slots);
    move_units(counters, Pile::kUnopened, Pile::kAvailable, slot.quantity());
    v1::SlotOpened& line = *opened.Add();
    line.set_index(static_cast<std::uint32_t>(opened_slots));
    line.set_quantity(slot.quantity());
    ++opened_slots;
  }
}

bool SaleStock::is_on_sale(UnixMillis log_time) const {
  return opened_slots > 0 && log_time < sale.slots(opened_slots - 1).closes_ms();
}

bool SaleStock::is_over(UnixMillis log_time) const {
  return sale.slots_size() == 0 || log_time >= sale.slots(sale.slots_size() - 1).closes_ms();
}

}  // namespace sluice
