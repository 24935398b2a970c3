#include "ingest/answers.h"

#include <fmt/format.h>

#include "ingest/json_text.h"
#include "ingest/reasons.h"
#include "schemas/status_word.h"

namespace sluice {
namespace {

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

void add_refunds(std::string& body, const std::vector<RefundView>& refunds) {
  body += R"(,"refunds":[)";
  std::string_view separator = R"({"payment_id":)";
  for (const RefundView& refund : refunds) {
    body += separator;
    separator = R"(,{"payment_id":)";
    append_json_string(body, refund.payment_id);
    add_number(body, "amount_minor", refund.amount_minor);
    add_text(body, "currency", refund.currency);
    add_text(body, "reason", refund.reason);
    body += refund.settled ? R"(,"settled":true})" : R"(,"settled":false})";
  }
  body += "]";
}

}  // namespace

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
  add_text(answer.body, "created", rfc3339(order.created));
  if (order.status == v1::HELD) add_text(answer.body, "pay_by", rfc3339(order.pay_by));
  if (!order.refunds.empty()) add_refunds(answer.body, order.refunds);
  answer.body += "}";
  return answer;
}

HttpAnswer refused_answer(std::string_view ticket, std::string_view duplicate_of, const KeptVerdict& verdict) {
  HttpAnswer answer;
  begin(answer.body, ticket, "refused");
  add_text(answer.body, "reason", reason_name(verdict.outcome, verdict.reason));
  add_text(answer.body, "message", reason_sentence(verdict.outcome, verdict.reason));
  if (!duplicate_of.empty()) add_text(answer.body, "duplicate_of", duplicate_of);
  answer.body += "}";
  return answer;
}

HttpAnswer no_longer_kept_answer(std::string_view ticket) {
  HttpAnswer answer;
  begin(answer.body, ticket, "refused");
  add_text(answer.body, "reason", "no_longer_kept");
  add_text(
      answer.body, "message",
      "No order came of this request, and why is no longer kept. If it repeated an earlier one, that one's ticket tells how "
      "the order stands.");
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
