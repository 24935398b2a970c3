// Pure: which intents are well formed, written anew from the comments of intent.proto and the bounds that the format names.
#pragma once

#include "schemas/intent.pb.h"

namespace sluice::oracle {

bool is_well_formed(const v1::Intent& intent);

// A purchase of no units or of more than a purchase may have.
bool has_impossible_quantity(const v1::Intent& intent);

}  // namespace sluice::oracle
