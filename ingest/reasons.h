// Pure: why something was refused, as the API and as people say it.
#pragma once

#include <string>
#include <string_view>

#include "schemas/order_record.pb.h"

namespace sluice {

// The reason as the API says it: sold_out.
std::string reason_name(v1::Reason reason);

// The same of a verdict that gives no reason, because nobody could read what was asked: unreadable, voided.
std::string reason_name(v1::Outcome outcome, v1::Reason reason);

// What it means and what can be done.
std::string_view reason_sentence(v1::Outcome outcome, v1::Reason reason);
std::string_view reason_sentence(v1::Reason reason);

}  // namespace sluice
