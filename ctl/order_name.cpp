#include "ctl/order_name.h"

#include <algorithm>
#include <charconv>

#include "schemas/public_id.h"

namespace sluice {
namespace {

// More digits than any ticket has, and fewer than the characters of a public id, which can be digits too.
constexpr std::size_t kDecimalDigitsMax = 20;
static_assert(kDecimalDigitsMax < PublicIds::kTextBytes);

// A ticket has a generation, and generations start at 1.
std::optional<Ticket> if_possible(Ticket ticket) {
  if (ticket.position().generation().value == 0) return std::nullopt;
  return ticket;
}

}  // namespace

std::optional<Ticket> parse_order_name(std::string_view text) {
  const bool is_decimal = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (is_decimal && text.size() <= kDecimalDigitsMax) {
    Ticket ticket;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), ticket.value);
    if (failure != std::errc()) return std::nullopt;
    return if_possible(ticket);
  }
  const auto ticket = PublicIds::read_trusted(text);
  return ticket ? if_possible(*ticket) : std::nullopt;
}

}  // namespace sluice
