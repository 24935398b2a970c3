#include "ingest/routes.h"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace sluice {
namespace {

struct Entry {
  std::string_view method;
  std::string_view path;  // {…} stands for one part that is not empty
  Route::Kind kind;
};

constexpr std::array kEntries = {
    Entry{"POST", "/v1/orders", Route::Kind::kPurchase},
    Entry{"GET", "/v1/orders/{id}", Route::Kind::kReadOrder},
    Entry{"POST", "/v1/orders/{id}/cancel", Route::Kind::kCancel},
    Entry{"POST", "/v1/payments/webhook", Route::Kind::kPayment},
    Entry{"PUT", "/v1/admin/sales/{sku}", Route::Kind::kApplySale},
    Entry{"POST", "/v1/admin/skus/{sku}/stock", Route::Kind::kAdjustStock},
    Entry{"POST", "/v1/admin/skus/{sku}/freeze", Route::Kind::kFreeze},
    Entry{"POST", "/v1/admin/orders/{id}/refund", Route::Kind::kRefund},
    Entry{"POST", "/v1/admin/refunds/{payment}/settled", Route::Kind::kRefundSettled},
    Entry{"GET", "/v1/sales", Route::Kind::kReadSales},
    Entry{"GET", "/v1/skus/{sku}", Route::Kind::kReadSku},
    Entry{"GET", "/openapi.json", Route::Kind::kReadApi},
};

// What stands in the place of {…}, empty if the pattern has none; nothing if the path is another.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
  const std::size_t open = pattern.find('{');
  if (open == std::string_view::npos) return path == pattern ? std::optional<std::string_view>("") : std::nullopt;
  const std::string_view before = pattern.substr(0, open);
  const std::string_view after = pattern.substr(pattern.find('}') + 1);
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) || !path.ends_with(after)) return std::nullopt;
  const std::string_view name = path.substr(before.size(), path.size() - before.size() - after.size());
  return name.find('/') == std::string_view::npos ? std::optional(name) : std::nullopt;
}

}  // namespace

Admitted<Route> route(const HttpRequest& request) {
  const Entry* other_method = nullptr;
  for (const Entry& entry : kEntries) {
    const auto name = match(entry.path, request.path);
    if (!name) continue;
    if (request.method != entry.method) {
      other_method = &entry;
      continue;
    }
    if (request.body_too_large) {
      return Refusal{Problem::kTooLarge, "No request needs more than 4096 bytes: send only the fields that it has"};
    }
    return Route{entry.kind, *name};
  }
  if (other_method != nullptr) {
    return Refusal{Problem::kMethod, fmt::format("{} {} is what there is", other_method->method, other_method->path),
                   other_method->method};
  }
  return Refusal{Problem::kNoSuchPath, "/openapi.json lists the paths that there are; orders are made by POST /v1/orders"};
}

}  // namespace sluice
