// Pure: what the tables must hold, told from the log once more: naively, and sharing nothing with the sink but the formats.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "schemas/ids.h"
#include "schemas/order_record.pb.h"
#include "sink/rows.h"

namespace sluice {

// Table -> its rows as their values with "|" between them, sorted. NULL is "NULL"; a boolean is 0 or 1. The columns are those
// of table_selects(), in that order.
using TableTexts = std::map<std::string, std::vector<std::string>>;

// Table -> the query whose rows are compared.
const std::map<std::string, std::string>& table_selects();

// After the records of the partition that end before the intent `next`. The table `orders` without those of `except_user`.
TableTexts expected_rows(Partition partition, const std::vector<v1::OrderRecord>& records, Offset next, Generation generation,
                         const std::string& except_user = "");

// Adds the rows of another partition.
void add(TableTexts& texts, const TableTexts& more);

// The first rows that are missing or too many, for people; empty if both are the same.
std::string difference(const TableTexts& found, const TableTexts& expected);

std::string text_of(const OrderRow& row);
std::string text_of(const PaymentRow& row);
std::string text_of(const SaleRow& row);
std::string text_of(const HistoryRow& row);
std::string text_of(const RefusalRow& row);

}  // namespace sluice
