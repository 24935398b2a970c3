#include "ingest/answers.h"

#include <fmt/format.h>

#include "ingest/json_text.h"
#include "schemas/status_word.h"

namespace sluice {
namespace {

// What the refusal means and what can be done, for people.
std::string_view sentence(v1::Reason reason) {
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
      return "The Idempotency-Key was used before, for another quantity. Use a new key for a new purchase.";
    case v1::WRONG_PARTITION:
    case v1::INVALID:
      return "The request did not reach the ledger as it should have. Try again with a new key.";
    default:
      return "The request was refused.";
  }
}

void begin(std::string& body, std::string_view ticket, std::string_view status) {
  body += R"({"ticket":")";
  body += ticket;
  body += R"(","status":")";
  body += status;
  body += '"';
}

void add_text(std::string& body, std::string_view name, std::string_view text) {
  body += ",\"";
  body += name;
  body += "\":";
  append_json_string(body, text);
}

void add_number(std::string& body, std::string_view name, std::int64_t number) {
  body += ",\"";
  body += name;
  body += "\":";
  body += std::to_string(number);
}

}  // namespace

std::string reason_name(v1::Reason reason) {
  std::string name = v1::Reason_Name(reason);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

HttpAnswer pending_answer(std::string_view ticket, Offset place, std::optional<double> eta_seconds, bool to_purchase) {
  HttpAnswer answer{.status = to_purchase ? 202 : 200};
  begin(answer.body, ticket, "pending");
  add_number(answer.body, "queue_place", place);
  if (eta_seconds) answer.body += fmt::format(R"(,"eta_seconds":{:.3f})", *eta_seconds);
  answer.body += "}";
  if (to_purchase) answer.location = fmt::format("/v1/orders/{}", ticket);
  return answer;
}

HttpAnswer order_answer(std::string_view ticket, std::string_view order_id, const OrderView& order) {
  HttpAnswer answer;
  begin(answer.body, ticket, status_word(order.status));
  add_text(answer.body, "order", order_id);
  if (order_id != ticket) add_text(answer.body, "duplicate_of", order_id);
  add_text(answer.body, "sku", order.sku);
  add_number(answer.body, "quantity", order.quantity);
  add_number(answer.body, "amount_minor", order.amount_minor);
  add_text(answer.body, "currency", order.currency);
  if (order.status == v1::HELD) add_text(answer.body, "pay_by", rfc3339(order.pay_by));
  answer.body += "}";
  return answer;
}

HttpAnswer refused_answer(std::string_view ticket, std::string_view duplicate_of, const KeptVerdict& verdict) {
  HttpAnswer answer;
  begin(answer.body, ticket, "refused");
  const bool unreadable = verdict.outcome == v1::UNREADABLE;
  add_text(answer.body, "reason", unreadable ? "unreadable" : reason_name(verdict.reason));
  add_text(answer.body, "message", sentence(verdict.reason));
  if (!duplicate_of.empty()) add_text(answer.body, "duplicate_of", duplicate_of);
  answer.body += "}";
  return answer;
}

HttpAnswer archived_answer(std::string_view ticket) {
  HttpAnswer answer;
  begin(answer.body, ticket, "archived");
  add_text(answer.body, "message",
           "The request was decided long ago: it was refused, or it is an order that was closed. Its history is in the shop's "
           "database.");
  answer.body += "}";
  return answer;
}

}  // namespace sluice
