// Adapter (POSIX): what every buyer asked and was told, one JSON line each, handed to the kernel as it happens, so that
// it survives the end of this process at any moment. README.md has the format; the audit reads it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/result.h"
#include "schemas/ids.h"
#include "stack/buyers/plan.h"

namespace sluice {

class Journal {
 public:
  // Appends to what is there.
  static Result<std::unique_ptr<Journal>> open(const std::string& path);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // `request` numbers the clicks of a run, `attempt` its sendings from 1. A line is written before the request is sent, another
  // when its end is known. `json`: the body of the answer, on one line.
  void ask(UnixMillis now, std::int64_t request, int attempt, std::string_view user, const Click& click);
  void answer(UnixMillis now, std::int64_t request, int attempt, int http, std::string_view json);
  void unknown(UnixMillis now, std::int64_t request, int attempt, int http, std::string_view why);
  void read(UnixMillis now, std::int64_t request, std::string_view ticket);
  void told(UnixMillis now, std::int64_t request, std::string_view ticket, int http, std::string_view json);

  // After the click. `fields`: of a payment, as JSON without the braces. `json` as above.
  void pay(UnixMillis now, std::int64_t request, std::string_view fields);
  void pay_answer(UnixMillis now, std::int64_t request, int http, std::string_view json);
  void cancel(UnixMillis now, std::int64_t request, int attempt, std::string_view order);
  void cancel_answer(UnixMillis now, std::int64_t request, int attempt, int http, std::string_view json);

  void gave_up(UnixMillis now, std::int64_t request, std::string_view why);

  // The first error of a write; nothing can be proved after one.
  const Result<void>& state() const { return state_; }

 private:
  explicit Journal(int file) : file_(file) {}
  void write(std::string line);

  int file_;
  Result<void> state_;
};

}  // namespace sluice
