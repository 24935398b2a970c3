#include "ctl/order_name.h"

#include <gtest/gtest.h>

#include "schemas/public_id.h"

namespace sluice {
namespace {

constexpr Ticket kTicket = Ticket::of({5}, Position::at({1}, 42));

TEST(OrderName, IsATicketInDecimal) { EXPECT_EQ(parse_order_name(std::to_string(kTicket.value)), kTicket); }

TEST(OrderName, IsAPublicIdWhoeverItsUserIsAndHoweverItWasCopied) {
  std::string id = PublicIds({"0123456789abcdef"}).write(kTicket, "ann");
  EXPECT_EQ(parse_order_name(id), kTicket);
  for (char& c : id) c = static_cast<char>(std::tolower(c));
  id.insert(5, "-");
  EXPECT_EQ(parse_order_name(id), kTicket);
}

TEST(OrderName, APublicIdOfDigitsIsNoDecimal) {
  EXPECT_EQ(parse_order_name("0000000000042000000000000"), std::nullopt) << "its ticket has no generation";
  EXPECT_TRUE(parse_order_name("0001000000042000000000000").has_value());
}

TEST(OrderName, RefusesWhatIsNeither) {
  for (const char* text :
       {"", "-", "settled", "12x", "0", "42", "18446744073709551616", "+5", " 5", "mask", "0123456789ABCDEFGHJKMNPQU"}) {
    EXPECT_EQ(parse_order_name(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sluice
