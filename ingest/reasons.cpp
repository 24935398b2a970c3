#include "ingest/reasons.h"

namespace sluice {

std::string reason_name(v1::Reason reason) {
  std::string name = v1::Reason_Name(reason);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

std::string reason_name(v1::Outcome outcome, v1::Reason reason) {
  if (outcome == v1::UNREADABLE) return "unreadable";
  return outcome == v1::VOIDED ? "voided" : reason_name(reason);
}

std::string_view reason_sentence(v1::Outcome outcome, v1::Reason reason) {
  if (outcome != v1::VOIDED) return reason_sentence(reason);
  return "The request was lost before it was decided; nothing was charged or reserved. You may try again with a new key.";
}

std::string_view reason_sentence(v1::Reason reason) {
  switch (reason) {
    case v1::UNKNOWN_SKU:
      return "There is no sale of this article.";
    case v1::NOT_ON_SALE:
      return "The article is not on sale at the moment. Try again when the next slot opens.";
    case v1::FROZEN:
      return "The sale is stopped for the moment. Try again later with a new key.";
    case v1::SOLD_OUT:
      return "Sold out. Units that are not paid for come back within the time to pay: try again later with a new key.";
    case v1::LIMIT_REACHED:
      return "This would be more than one buyer may have in this sale.";
    case v1::BAD_QUANTITY:
      return "This quantity cannot be bought at once.";
    case v1::KEY_REUSED:
      return "The Idempotency-Key was used before, for something else. Use a new key for a new request.";
    case v1::WRONG_PARTITION:
    case v1::INVALID:
      return "The request did not reach the ledger as it should have. Try again with a new key.";
    case v1::UNKNOWN_ORDER:
      return "There is no such order.";
    case v1::NOT_YOURS:
      return "The order belongs to another user.";
    case v1::ALREADY_PAID:
      return "The order is paid.";
    case v1::ALREADY_CLOSED:
      return "The order was cancelled, released or refunded before.";
    case v1::NOT_PAID:
      return "The order is not paid: there is nothing to give back.";
    case v1::UNKNOWN_PAYMENT:
      return "There is no such payment where the order says that it is. Name the order that the payment named.";
    case v1::NO_REFUND_DUE:
      return "Nothing is to be paid back for this payment.";
    case v1::LOWER_VERSION:
      return "The sale has this version or a higher one already. Amend it with a higher version.";
    case v1::SALE_RUNNING:
      return "Another sale of this article has not ended.";
    case v1::OPENED_SLOT_CHANGED:
      return "A slot that has opened cannot be changed. Repeat it as it was, and use stock to correct its quantity.";
    case v1::NOT_ENOUGH_AVAILABLE:
      return "Fewer units are available than should go, and nothing was taken. Take fewer, with a new key.";
    case v1::NO_CHANGE:
      return "It is so already.";
    default:
      return "The request was refused.";
  }
}

}  // namespace sluice
