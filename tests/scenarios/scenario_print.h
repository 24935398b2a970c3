// Pure: how the transcripts show a ruling, in one line.
#pragma once

#include <string>

#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice {

std::string show_change(Offset offset, const v1::Change& change);
std::string show_verdict(Offset offset, const v1::Verdict& verdict, const std::string& sku);

}  // namespace sluice
