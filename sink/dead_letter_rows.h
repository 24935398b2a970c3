// Pure: what a row that the store refuses would have said, as a dead letter.
#pragma once

#include <string>

#include "schemas/dead_letter.pb.h"
#include "sink/rows.h"
#include "sink/sink_database.h"

namespace sluice {

v1::DeadLetter dead_letter_of(const OrderRow& row, const RowRefusal& refusal);
v1::DeadLetter dead_letter_of(const PaymentRow& row, const RowRefusal& refusal);
v1::DeadLetter dead_letter_of(const SaleRow& row, const RowRefusal& refusal);
v1::DeadLetter dead_letter_of(const HistoryRow& row, const RowRefusal& refusal);
v1::DeadLetter dead_letter_of(const RefusalRow& row, const RowRefusal& refusal);

// What the refused row is about, for people and as the key of the message: an order's ticket in decimal, a payment's id, a SKU.
std::string subject_of(const v1::DeadLetter& letter);

}  // namespace sluice
