#include "ledger/reservation.h"

#include "runtime/check.h"

namespace sluice {
namespace {

using O = v1::Order;
using C = v1::Change;

void write_counters(const v1::Counters& counters, wire::Cursor& out) {
  const auto pile = [&out](int field, std::int64_t units) { out.varint(field, static_cast<std::uint64_t>(units)); };
  out.text(v1::Counters::kSaleIdFieldNumber, counters.sale_id());
  pile(v1::Counters::kDefinedFieldNumber, counters.defined());
  pile(v1::Counters::kUnopenedFieldNumber, counters.unopened());
  pile(v1::Counters::kAvailableFieldNumber, counters.available());
  pile(v1::Counters::kHeldFieldNumber, counters.held());
  pile(v1::Counters::kSoldFieldNumber, counters.sold());
  pile(v1::Counters::kWithdrawnFieldNumber, counters.withdrawn());
}

// Writes an embedded message whose size is known only afterwards, as one byte or, from 128 on, as two. Returns its bytes.
template <typename Write>
std::string_view write_part(int field, wire::Cursor& out, Write write) {
  constexpr std::size_t kOneByteMax = 127;
  constexpr std::size_t kTwoBytesMax = (1U << 14) - 1;
  out.number(wire::Format::MakeTag(field, wire::Format::WIRETYPE_LENGTH_DELIMITED));
  char* const size_at = out.at();
  wire::Cursor part(size_at + 1);
  write(part);
  const auto size = static_cast<std::size_t>(part.at() - (size_at + 1));
  CHECK(size <= kTwoBytesMax);
  if (size > kOneByteMax) std::memmove(size_at + 2, size_at + 1, size);
  out.number(size);
  const std::string_view bytes(out.at(), size);
  out = wire::Cursor(out.at() + size);
  return bytes;
}

}  // namespace

Reservation reservation_of(const v1::Order& order) {
  return {.id = order.id(),
          .user = order.user(),
          .user_key = user_fingerprint(order.user()),
          .quantity = order.quantity(),
          .amount_minor = order.amount_minor(),
          .created = order.created_ms(),
          .hold_seconds = order.hold_seconds(),
          .key = Fingerprint{order.key_high(), order.key_low()},
          .content = order.content()};
}

void to_order(const Reservation& reservation, const v1::DefineSale& sale, v1::Order& order) {
  order.set_id(reservation.id);
  order.set_sku(sale.sku());
  order.set_sale_id(sale.sale_id());
  order.set_user(reservation.user.data(), reservation.user.size());
  order.set_quantity(reservation.quantity);
  order.set_amount_minor(reservation.amount_minor);
  order.set_currency(sale.currency());
  order.set_status(v1::HELD);
  order.set_created_ms(reservation.created);
  order.set_deadline_ms(reservation.deadline());
  order.set_hold_seconds(reservation.hold_seconds);
  order.set_key_high(reservation.key.key.high);
  order.set_key_low(reservation.key.key.low);
  order.set_content(reservation.content);
}

void write_order(const Reservation& reservation, const v1::DefineSale& sale, wire::Cursor& out) {
  out.fixed64(O::kIdFieldNumber, reservation.id);
  out.text(O::kSkuFieldNumber, sale.sku());
  out.text(O::kSaleIdFieldNumber, sale.sale_id());
  out.text(O::kUserFieldNumber, reservation.user);
  out.varint(O::kQuantityFieldNumber, reservation.quantity);
  out.varint(O::kAmountMinorFieldNumber, static_cast<std::uint64_t>(reservation.amount_minor));
  out.text(O::kCurrencyFieldNumber, sale.currency());
  out.varint(O::kStatusFieldNumber, v1::HELD);
  out.varint(O::kCreatedMsFieldNumber, static_cast<std::uint64_t>(reservation.created));
  out.varint(O::kDeadlineMsFieldNumber, static_cast<std::uint64_t>(reservation.deadline()));
  out.varint(O::kHoldSecondsFieldNumber, reservation.hold_seconds);
  out.fixed64(O::kKeyHighFieldNumber, reservation.key.key.high);
  out.fixed64(O::kKeyLowFieldNumber, reservation.key.key.low);
  out.fixed64(O::kContentFieldNumber, reservation.content);
}

std::string_view write_reserved(const Reservation& reservation, std::string_view slots, const SaleStock& stock,
                                wire::Cursor& out) {
  out.text(C::kSkuFieldNumber, stock.sale.sku());
  out.raw(slots);
  write_part(C::kCountersFieldNumber, out, [&](wire::Cursor& part) { write_counters(stock.counters, part); });
  const std::string_view order =
      write_part(C::kOrdersFieldNumber, out, [&](wire::Cursor& part) { write_order(reservation, stock.sale, part); });
  // The order carries the request key; its verdict says only that it was accepted.
  write_part(C::kVerdictFieldNumber, out,
             [](wire::Cursor& part) { part.varint(v1::Verdict::kOutcomeFieldNumber, v1::ACCEPTED); });
  out.message(C::kReservedFieldNumber, {});
  return order;
}

}  // namespace sluice
