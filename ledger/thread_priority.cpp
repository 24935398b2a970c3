#include "ledger/thread_priority.h"

#include <sys/resource.h>
#include <unistd.h>

namespace sluice {

// Linux has a nice value for each thread, which setpriority() takes by the thread's id. Lowering it needs no right.
void give_way_to_other_threads() { setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 19); }

}  // namespace sluice
