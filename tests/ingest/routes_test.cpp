#include "ingest/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice {
namespace {

using ::testing::HasSubstr;

Refusal refused(const HttpRequest& request) {
  const auto routed = route(request);
  if (const auto* refusal = std::get_if<Refusal>(&routed)) return *refusal;
  ADD_FAILURE() << request.method << " " << request.path << " was routed";
  return {};
}

struct Found {
  Route::Kind kind;
  std::string name;
};
Found found(std::string_view method, std::string_view path) {
  const auto routed = route({.method = method, .path = path});
  if (std::holds_alternative<Refusal>(routed)) {
    ADD_FAILURE() << method << " " << path << " was refused";
    return {};
  }
  return {std::get<Route>(routed).kind, std::string(std::get<Route>(routed).name)};
}

TEST(Routes, FindEveryEntryPointAndWhatItsPathNames) {
  struct Expected {
    std::string_view method;
    std::string_view path;
    Route::Kind kind;
    std::string name;
  };
  const std::vector<Expected> all = {
      {"POST", "/v1/orders", Route::Kind::kPurchase, ""},
      {"GET", "/v1/orders/0ABC", Route::Kind::kReadOrder, "0ABC"},
      {"POST", "/v1/orders/0ABC/cancel", Route::Kind::kCancel, "0ABC"},
      {"POST", "/v1/payments/webhook", Route::Kind::kPayment, ""},
      {"PUT", "/v1/admin/sales/mask-1", Route::Kind::kApplySale, "mask-1"},
      {"POST", "/v1/admin/skus/mask-1/stock", Route::Kind::kAdjustStock, "mask-1"},
      {"POST", "/v1/admin/skus/mask-1/freeze", Route::Kind::kFreeze, "mask-1"},
      {"POST", "/v1/admin/orders/0ABC/refund", Route::Kind::kRefund, "0ABC"},
      {"POST", "/v1/admin/refunds/pay-1/settled", Route::Kind::kRefundSettled, "pay-1"},
      {"GET", "/v1/sales", Route::Kind::kReadSales, ""},
      {"GET", "/v1/skus/mask-1", Route::Kind::kReadSku, "mask-1"},
      {"GET", "/openapi.json", Route::Kind::kReadApi, ""},
  };
  for (const Expected& expected : all) {
    const Found there = found(expected.method, expected.path);
    EXPECT_EQ(there.kind, expected.kind) << expected.path;
    EXPECT_EQ(there.name, expected.name) << expected.path;
  }
}

TEST(Routes, RefuseOtherMethodsAndNameTheRightOne) {
  for (const std::string_view method : {"GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "post"}) {
    const Refusal refusal = refused({.method = method, .path = "/v1/orders"});
    EXPECT_EQ(refusal.problem, Problem::kMethod) << method;
    EXPECT_EQ(refusal.allow, "POST") << method;
  }
  EXPECT_EQ(refused({.method = "POST", .path = "/v1/orders/0ABC"}).allow, "GET");
  EXPECT_EQ(refused({.method = "GET", .path = "/v1/orders/0ABC/cancel"}).allow, "POST");
  EXPECT_EQ(refused({.method = "POST", .path = "/v1/admin/sales/mask-1"}).allow, "PUT");
}

TEST(Routes, RefuseOtherPathsAndSayWhereTheyAreListed) {
  for (const std::string_view path :
       {"/", "", "/v1", "/v1/order", "/v1/orders/", "/v1/ordersx", "/v1/orders/a/b", "/v2/orders", "/v1/orders//cancel",
        "/v1/orders/a/b/cancel", "/v1/orders/cancel/", "/v1/admin/skus//stock", "/v1/admin/skus/a/stocks", "/v1/skus/"}) {
    const Refusal refusal = refused({.method = "POST", .path = path});
    EXPECT_EQ(refusal.problem, Problem::kNoSuchPath) << path;
    EXPECT_THAT(refusal.detail, HasSubstr("/openapi.json"));
  }
}

TEST(Routes, RefuseBodiesThatAreTooLargeWhereverTheyCome) {
  EXPECT_EQ(refused({.method = "POST", .path = "/v1/orders", .body_too_large = true}).problem, Problem::kTooLarge);
  EXPECT_EQ(refused({.method = "POST", .path = "/v1/payments/webhook", .body_too_large = true}).problem, Problem::kTooLarge);
  EXPECT_EQ(refused({.method = "GET", .path = "/v1/sales", .body_too_large = true}).problem, Problem::kTooLarge);
}

}  // namespace
}  // namespace sluice
