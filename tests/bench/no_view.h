// Pure: a view that nobody looks at.
#pragma once

#include "ledger/state_view.h"

namespace sluice {

class NoView : public StateView {
 public:
  bool keeps_up() const override { return false; }
  void publish(ViewChanges) override {}
  void trust_store() override {}
};

}  // namespace sluice
