#include "tests/simulation/oracle/form.h"

#include <string>

namespace sluice::oracle {
namespace {

bool is_name(const std::string& text) { return !text.empty() && text.size() <= 64; }

bool is_prose(const std::string& text) { return text.size() <= 200; }

bool is_sku(const std::string& text) {
  static const std::string kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return is_name(text) && text.find_first_not_of(kAllowed) == std::string::npos;
}

bool is_currency(const std::string& text) {
  return text.size() == 3 && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos;
}

bool are_slots(const v1::DefineSale& sale) {
  if (sale.slots_size() < 1 || sale.slots_size() > 96) return false;
  for (int i = 0; i < sale.slots_size(); ++i) {
    const v1::Slot& slot = sale.slots(i);
    if (slot.opens_ms() < 0 || slot.opens_ms() >= slot.closes_ms() || slot.quantity() > 1'000'000'000) return false;
    if (i > 0 && slot.opens_ms() < sale.slots(i - 1).closes_ms()) return false;
  }
  return true;
}

bool is_sale(const v1::DefineSale& sale) {
  if (!is_sku(sale.sku()) || !is_name(sale.sale_id()) || sale.version() < 1 || !is_prose(sale.title())) return false;
  if (sale.price_minor() < 0 || sale.price_minor() > 1'000'000'000'000 || !is_currency(sale.currency())) return false;
  if (sale.limit_per_user() < 1 || sale.limit_per_user() > 1000) return false;
  if (sale.hold_seconds() < 1 || sale.hold_seconds() > 7 * 24 * 3600) return false;
  if (sale.late_payment() != v1::LATE_PAYMENT_REFUND && sale.late_payment() != v1::LATE_PAYMENT_REBUY_OR_REFUND) return false;
  return are_slots(sale);
}

}  // namespace

bool is_well_formed(const v1::Intent& intent) {
  switch (intent.kind_case()) {
    case v1::Intent::kPurchase: {
      const v1::Purchase& purchase = intent.purchase();
      return is_sku(purchase.sku()) && is_name(purchase.user()) && is_name(purchase.request_key()) &&
             !has_impossible_quantity(intent);
    }
    case v1::Intent::kPay: {
      const v1::Pay& pay = intent.pay();
      return is_name(pay.payment_id()) && pay.amount_minor() >= 0 && pay.amount_minor() <= 1'000'000'000'000'000 &&
             is_currency(pay.currency());
    }
    case v1::Intent::kCancel:
      return intent.cancel().order() != 0 && is_name(intent.cancel().user());
    case v1::Intent::kRefund:
      return intent.refund().order() != 0 && is_name(intent.refund().request_key());
    case v1::Intent::kRefundSettled:
      return is_name(intent.refund_settled().payment_id());
    case v1::Intent::kDue:
      return is_sku(intent.due().sku()) && intent.due().limit() >= 1 && intent.due().limit() <= 1000;
    case v1::Intent::kDefineSale:
      return is_sale(intent.define_sale());
    case v1::Intent::kAdjustStock: {
      const v1::AdjustStock& adjust = intent.adjust_stock();
      return is_name(adjust.request_key()) && is_sku(adjust.sku()) && adjust.delta() != 0 && adjust.delta() >= -1'000'000'000 &&
             adjust.delta() <= 1'000'000'000 && is_prose(adjust.reason());
    }
    case v1::Intent::kFreeze:
      return is_sku(intent.freeze().sku()) && intent.freeze().request_key().size() <= 64;
    case v1::Intent::KIND_NOT_SET:
      return false;
  }
  return false;
}

bool has_impossible_quantity(const v1::Intent& intent) {
  return intent.has_purchase() && (intent.purchase().quantity() < 1 || intent.purchase().quantity() > 1000);
}

}  // namespace sluice::oracle
