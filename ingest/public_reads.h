// Shell: what everybody may read without a token: sales, their stock, and the description of the API.
#pragma once

#include "ingest/http.h"
#include "ingest/ports.h"
#include "ingest/routes.h"
#include "ingest/stock_board.h"
#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice {

class PublicReads {
 public:
  // Both ports are borrowed.
  PublicReads(Generation generation, int partitions, std::size_t skus_max, const OrdersTail& tail, StoredStock& stored)
      : partitions_(partitions), tail_(tail), stored_(stored), board_(generation, partitions, skus_max) {}

  // REQUIRES: the route is kReadSales, kReadSku or kReadApi.
  HttpAnswer on_request(const Route& route, const HttpRequest& request, UnixMillis now) const;

  // The next record of `orders`, which is known to leave no gap.
  void take(Partition partition, const v1::OrderRecord& record);

  // Until it knows all SKUs: asks the shared view for what was before the first records. True: it has answered.
  bool poll(UnixMillis now);

 private:
  HttpAnswer read_sku(std::string_view sku, const HttpRequest& request, UnixMillis now) const;
  HttpAnswer read_sales(const HttpRequest& request, UnixMillis now) const;

  const int partitions_;
  const OrdersTail& tail_;
  StoredStock& stored_;
  StockBoard board_;
  bool complete_ = false;
  bool loading_ = false;
  UnixMillis loaded_at_ = 0;
};

}  // namespace sluice
