#include "schemas/intent_format.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>

#include "schemas/utf8.h"

namespace sluice {
namespace {

using Wire = google::protobuf::internal::WireFormatLite;

std::string text_problem(std::string_view field, std::string_view value, std::size_t bytes_max) {
  if (value.empty() || value.size() > bytes_max) {
    return fmt::format("{} must have 1 to {} bytes, it has {}", field, bytes_max, value.size());
  }
  return is_utf8(value) ? std::string() : fmt::format("{} must be UTF-8", field);
}

std::string prose_problem(std::string_view field, std::string_view value) {
  if (value.size() > kProseBytesMax) {
    return fmt::format("{} must have at most {} bytes, it has {}", field, kProseBytesMax, value.size());
  }
  return is_utf8(value) ? std::string() : fmt::format("{} must be UTF-8", field);
}

std::string range_problem(std::string_view field, std::int64_t value, std::int64_t min, std::int64_t max) {
  if (value >= min && value <= max) return {};
  return fmt::format("{} must be from {} to {}, it is {}", field, min, max, value);
}

std::string sku_problem(std::string_view sku) {
  if (is_sku(sku)) return {};
  return fmt::format("sku must be 1 to {} characters of A-Z a-z 0-9 . _ -", kSkuBytesMax);
}

std::string currency_problem(std::string_view currency) {
  const bool good = currency.size() == 3 && std::ranges::all_of(currency, [](char c) { return c >= 'A' && c <= 'Z'; });
  return good ? std::string() : std::string("currency must be three capitals, as in ISO 4217");
}

std::string order_problem(std::uint64_t order) { return order != 0 ? std::string() : std::string("order must not be 0"); }

std::string first_of(std::initializer_list<std::string> problems) {
  for (const std::string& problem : problems) {
    if (!problem.empty()) return problem;
  }
  return {};
}

std::string slots_problem(const v1::DefineSale& sale) {
  if (const std::string count = range_problem("the number of slots", sale.slots_size(), 1, kSlotsMax); !count.empty())
    return count;
  std::int64_t free_from = 0;
  for (int i = 0; i < sale.slots_size(); ++i) {
    const v1::Slot& slot = sale.slots(i);
    const std::string name = fmt::format("slots[{}]", i);
    if (slot.opens_ms() < free_from) {
      return name + ".opens must not lie before the close of the slot before it";
    }
    if (slot.closes_ms() <= slot.opens_ms()) return name + ".closes must lie after its opens";
    if (const std::string quantity = range_problem(name + ".quantity", slot.quantity(), 0, kSlotQuantityMax);
        !quantity.empty()) {
      return quantity;
    }
    free_from = slot.closes_ms();
  }
  return {};
}

bool has_unknown_fields_anywhere(const v1::Intent& intent) {
  const auto unknown = [](const google::protobuf::Message& message) { return has_unknown_fields(message); };
  if (unknown(intent)) return true;
  switch (intent.kind_case()) {
    case v1::Intent::kPurchase:
      return unknown(intent.purchase());
    case v1::Intent::kPay:
      return unknown(intent.pay());
    case v1::Intent::kCancel:
      return unknown(intent.cancel());
    case v1::Intent::kRefund:
      return unknown(intent.refund());
    case v1::Intent::kRefundSettled:
      return unknown(intent.refund_settled());
    case v1::Intent::kDue:
      return unknown(intent.due());
    case v1::Intent::kDefineSale:
      return unknown(intent.define_sale()) || std::ranges::any_of(intent.define_sale().slots(), unknown);
    case v1::Intent::kAdjustStock:
      return unknown(intent.adjust_stock());
    case v1::Intent::kFreeze:
      return unknown(intent.freeze());
    case v1::Intent::KIND_NOT_SET:
      return false;
  }
  return false;
}

}  // namespace

bool is_sku(std::string_view text) {
  return !text.empty() && text.size() <= kSkuBytesMax && std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

std::string problem_with(const v1::Purchase& purchase) {
  return first_of({sku_problem(purchase.sku()), text_problem("user", purchase.user(), kNameBytesMax),
                   text_problem("request key", purchase.request_key(), kNameBytesMax),
                   range_problem("quantity", purchase.quantity(), 1, kQuantityMax)});
}

std::string problem_with(const v1::Pay& pay) {
  return first_of({text_problem("payment_id", pay.payment_id(), kNameBytesMax),
                   range_problem("amount_minor", pay.amount_minor(), 0, kPriceMinorMax * kQuantityMax),
                   currency_problem(pay.currency())});
}

std::string problem_with(const v1::Cancel& cancel) {
  return first_of({order_problem(cancel.order()), text_problem("user", cancel.user(), kNameBytesMax)});
}

std::string problem_with(const v1::Refund& refund) {
  return first_of({text_problem("request key", refund.request_key(), kNameBytesMax), order_problem(refund.order())});
}

std::string problem_with(const v1::RefundSettled& settled) {
  return text_problem("payment_id", settled.payment_id(), kNameBytesMax);
}

std::string problem_with(const v1::Due& due) {
  return first_of({sku_problem(due.sku()), range_problem("limit", due.limit(), 1, kDueLimitMax)});
}

std::string problem_with(const v1::DefineSale& sale) {
  return first_of({sku_problem(sale.sku()), text_problem("sale_id", sale.sale_id(), kNameBytesMax),
                   range_problem("version", sale.version(), 1, std::int64_t{0xFFFFFFFF}), prose_problem("title", sale.title()),
                   range_problem("price_minor", sale.price_minor(), 0, kPriceMinorMax), currency_problem(sale.currency()),
                   slots_problem(sale), range_problem("limit_per_user", sale.limit_per_user(), 1, kQuantityMax),
                   range_problem("hold_seconds", sale.hold_seconds(), 1, kHoldSecondsMax),
                   sale.late_payment() == v1::LATE_PAYMENT_REFUND || sale.late_payment() == v1::LATE_PAYMENT_REBUY_OR_REFUND
                       ? std::string()
                       : std::string("late_payment must be refund or rebuy_or_refund")});
}

std::string problem_with(const v1::AdjustStock& adjust) {
  return first_of({text_problem("request key", adjust.request_key(), kNameBytesMax), sku_problem(adjust.sku()),
                   range_problem("delta", adjust.delta(), -kStockDeltaMax, kStockDeltaMax),
                   adjust.delta() == 0 ? std::string("delta must not be 0") : std::string(),
                   prose_problem("reason", adjust.reason())});
}

std::string problem_with(const v1::Freeze& freeze) {
  const std::string& key = freeze.request_key();
  return first_of({sku_problem(freeze.sku()), key.empty() ? std::string() : text_problem("request key", key, kNameBytesMax)});
}

std::string problem_with(const v1::Intent& intent) {
  switch (intent.kind_case()) {
    case v1::Intent::kPurchase:
      return problem_with(intent.purchase());
    case v1::Intent::kPay:
      return problem_with(intent.pay());
    case v1::Intent::kCancel:
      return problem_with(intent.cancel());
    case v1::Intent::kRefund:
      return problem_with(intent.refund());
    case v1::Intent::kRefundSettled:
      return problem_with(intent.refund_settled());
    case v1::Intent::kDue:
      return problem_with(intent.due());
    case v1::Intent::kDefineSale:
      return problem_with(intent.define_sale());
    case v1::Intent::kAdjustStock:
      return problem_with(intent.adjust_stock());
    case v1::Intent::kFreeze:
      return problem_with(intent.freeze());
    case v1::Intent::KIND_NOT_SET:
      break;
  }
  return "the intent has no kind";
}

Readability read_intent(std::string_view bytes, v1::Intent& intent) {
  const bool parsed = intent.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  if (!parsed || intent.magic() != kIntentMagic) return Readability::kUnreadable;
  if (has_unknown_fields_anywhere(intent)) return Readability::kNewer;
  return intent.kind_case() == v1::Intent::KIND_NOT_SET ? Readability::kUnreadable : Readability::kIntent;
}

std::optional<std::string_view> purchase_in(std::string_view intent_bytes) {
  constexpr std::size_t kMagicFieldSize = 1 + sizeof(kIntentMagic);
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const std::uint8_t*>(intent_bytes.data()),
                                               static_cast<int>(intent_bytes.size()));
  std::uint32_t magic = 0;
  std::uint32_t size = 0;
  constexpr auto kMagicTag = Wire::MakeTag(v1::Intent::kMagicFieldNumber, Wire::WIRETYPE_FIXED32);
  constexpr auto kPurchaseTag = Wire::MakeTag(v1::Intent::kPurchaseFieldNumber, Wire::WIRETYPE_LENGTH_DELIMITED);
  if (intent_bytes.size() < kMagicFieldSize || input.ReadTag() != kMagicTag || !input.ReadLittleEndian32(&magic)) return {};
  if (magic != kIntentMagic || input.ReadTag() != kPurchaseTag || !input.ReadVarint32(&size)) return {};
  const auto begin = static_cast<std::size_t>(input.CurrentPosition());
  if (begin + size != intent_bytes.size()) return {};
  return intent_bytes.substr(begin);
}

bool has_unknown_fields(const google::protobuf::Message& message) {
  return !message.GetReflection()->GetUnknownFields(message).empty();
}

}  // namespace sluice
