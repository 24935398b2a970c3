#include "ctl/sale_text.h"

#include <fmt/format.h>

#include "ingest/json_text.h"

namespace sluice {
namespace {

std::string_view late_payment_word(const v1::DefineSale& sale) {
  return sale.late_payment() == v1::LATE_PAYMENT_REBUY_OR_REFUND ? "rebuy_or_refund" : "refund";
}

// Whether it has closed only log time says, and that stands still while nobody asks for anything.
std::string_view slot_word(const SaleRow& row, int slot) { return slot < row.opened_slots ? "opened" : "coming"; }

std::string table(const SaleRow& row) {
  const v1::DefineSale& sale = row.sale;
  const v1::Counters& counters = row.counters;
  std::string text = fmt::format("{}{}{}{}\n", sale.sku(), sale.title().empty() ? "" : ": ", sale.title(),
                                 row.frozen ? "  (FROZEN: nothing is sold)" : "");
  text += fmt::format("  sale      {}, version {}\n", sale.sale_id(), sale.version());
  text += fmt::format("  price     {} {} a unit, in minor units\n", sale.price_minor(), sale.currency());
  text += fmt::format("  buyers    at most {} a user, {} s to pay; late payments: {}\n", sale.limit_per_user(),
                      sale.hold_seconds(), late_payment_word(sale));
  text += fmt::format("  stock     {} defined = {} unopened + {} available + {} held + {} sold + {} withdrawn\n",
                      counters.defined(), counters.unopened(), counters.available(), counters.held(), counters.sold(),
                      counters.withdrawn());
  text += fmt::format("  changed   {} by intent {} of partition {}\n", rfc3339(row.changed), row.version.offset(),
                      row.partition.value);
  text += fmt::format("  slots  {:24}  {:24}  {:>10}\n", "opens", "closes", "quantity");
  for (int i = 0; i < sale.slots_size(); ++i) {
    const v1::Slot& slot = sale.slots(i);
    text += fmt::format("  {:5}  {:24}  {:24}  {:>10}  {}\n", i, rfc3339(slot.opens_ms()), rfc3339(slot.closes_ms()),
                        slot.quantity(), slot_word(row, i));
  }
  return text;
}

std::string json(const SaleRow& row) {
  const v1::DefineSale& sale = row.sale;
  const v1::Counters& counters = row.counters;
  std::string text = R"({"sku":)";
  append_json_string(text, sale.sku());
  text += R"(,"sale_id":)";
  append_json_string(text, sale.sale_id());
  text += fmt::format(R"(,"version":{},"title":)", sale.version());
  append_json_string(text, sale.title());
  text += fmt::format(R"(,"price_minor":{},"currency":)", sale.price_minor());
  append_json_string(text, sale.currency());
  text += fmt::format(R"(,"limit_per_user":{},"hold_seconds":{},"late_payment":"{}","frozen":{})", sale.limit_per_user(),
                      sale.hold_seconds(), late_payment_word(sale), row.frozen);
  text += fmt::format(R"(,"defined":{},"unopened":{},"available":{},"held":{},"sold":{},"withdrawn":{},"slots":[)",
                      counters.defined(), counters.unopened(), counters.available(), counters.held(), counters.sold(),
                      counters.withdrawn());
  for (int i = 0; i < sale.slots_size(); ++i) {
    const v1::Slot& slot = sale.slots(i);
    text += fmt::format(R"({}{{"opens":"{}","closes":"{}","quantity":{},"opened":{}}})", i == 0 ? "" : ",",
                        rfc3339(slot.opens_ms()), rfc3339(slot.closes_ms()), slot.quantity(), i < row.opened_slots);
  }
  text += fmt::format(R"(],"log_time":"{}","partition":{},"offset":{}}})", rfc3339(row.changed), row.partition.value,
                      row.version.offset());
  return text;
}

}  // namespace

std::string sales_table(const std::vector<SaleRow>& sales) {
  if (sales.empty()) return "no sales\n";
  std::string text;
  for (const SaleRow& row : sales) text += (text.empty() ? "" : "\n") + table(row);
  return text;
}

std::string sales_json(const std::vector<SaleRow>& sales) {
  std::string text = R"({"sales":[)";
  for (const SaleRow& row : sales) text += (&row == &sales.front() ? "" : ",") + json(row);
  return text + "]}\n";
}

}  // namespace sluice
