// Adapter (Linux): how urgent a thread is beside the others of the machine.
#pragma once

namespace sluice {

// The calling thread works from now on only with what the others leave (nice 19). It must not hold a lock for long that a more
// urgent one waits for.
void give_way_to_other_threads();

}  // namespace sluice
