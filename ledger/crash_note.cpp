#include "ledger/crash_note.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

namespace sluice {
namespace {

// Of this thread; null: in no store. Read by a signal handler in the same thread.
thread_local const char* volatile note_path = nullptr;

// Only what a signal handler may call. SA_RESETHAND has put the default action back, so that returning ends the process as it
// would have ended without us.
void leave_note(int /*signal*/) {
  const char* const path = note_path;
  if (path == nullptr) return;
  const int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (file >= 0) close(file);
}

}  // namespace

void leave_crash_notes() {
  for (const int deadly : {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE}) {
    struct sigaction before {};
    sigaction(deadly, nullptr, &before);
    if (before.sa_handler != SIG_DFL) continue;  // a sanitizer's report is worth more
    struct sigaction act {};
    act.sa_handler = leave_note;
    act.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(deadly, &act, nullptr);
  }
}

CrashNote::CrashNote(const std::string& path) : before_(note_path) { note_path = path.c_str(); }
CrashNote::~CrashNote() { note_path = before_; }

}  // namespace sluice
