#include "stack/buyers/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "stack/buyers/answer.h"

namespace sluice {

Result<std::unique_ptr<Journal>> Journal::open(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return Error::fatal(fmt::format("journal {}: {}", path, std::strerror(errno)));
  return std::unique_ptr<Journal>(new Journal(file));
}

Journal::~Journal() { ::close(file_); }

void Journal::ask(UnixMillis now, std::int64_t request, int attempt, std::string_view user, const Click& click) {
  write(fmt::format(
      R"({{"t":{},"event":"ask","request":{},"attempt":{},"buyer":{},"sku":{},"key":{},"quantity":{},"kind":"{}"}})", now,
      request, attempt, json_quoted(user), json_quoted(click.sku), json_quoted(click.key), click.quantity,
      name_of(click.kind)));
}

void Journal::answer(UnixMillis now, std::int64_t request, int attempt, int http, std::string_view json) {
  write(fmt::format(R"({{"t":{},"event":"answer","request":{},"attempt":{},"http":{},"body":{}}})", now, request, attempt, http,
                    json));
}

void Journal::unknown(UnixMillis now, std::int64_t request, int attempt, int http, std::string_view why) {
  write(fmt::format(R"({{"t":{},"event":"unknown","request":{},"attempt":{},"http":{},"why":{}}})", now, request, attempt, http,
                    json_quoted(why)));
}

void Journal::read(UnixMillis now, std::int64_t request, std::string_view ticket) {
  write(fmt::format(R"({{"t":{},"event":"read","request":{},"ticket":{}}})", now, request, json_quoted(ticket)));
}

void Journal::told(UnixMillis now, std::int64_t request, std::string_view ticket, int http, std::string_view json) {
  write(fmt::format(R"({{"t":{},"event":"told","request":{},"ticket":{},"http":{},"body":{}}})", now, request,
                    json_quoted(ticket), http, json));
}

void Journal::pay(UnixMillis now, std::int64_t request, std::string_view fields) {
  write(fmt::format(R"({{"t":{},"event":"pay","request":{},{}}})", now, request, fields));
}

void Journal::pay_answer(UnixMillis now, std::int64_t request, int http, std::string_view json) {
  write(fmt::format(R"({{"t":{},"event":"pay_answer","request":{},"http":{},"body":{}}})", now, request, http, json));
}

void Journal::cancel(UnixMillis now, std::int64_t request, int attempt, std::string_view order) {
  write(fmt::format(R"({{"t":{},"event":"cancel","request":{},"attempt":{},"order":{}}})", now, request, attempt,
                    json_quoted(order)));
}

void Journal::cancel_answer(UnixMillis now, std::int64_t request, int attempt, int http, std::string_view json) {
  write(fmt::format(R"({{"t":{},"event":"cancel_answer","request":{},"attempt":{},"http":{},"body":{}}})", now, request,
                    attempt, http, json));
}

void Journal::gave_up(UnixMillis now, std::int64_t request, std::string_view why) {
  write(fmt::format(R"({{"t":{},"event":"gave_up","request":{},"why":{}}})", now, request, json_quoted(why)));
}

void Journal::write(std::string line) {
  line += '\n';
  if (!state_) return;
  const ssize_t written = ::write(file_, line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size())) {
    state_ = Error::fatal(fmt::format("the journal cannot be written: {}", written < 0 ? std::strerror(errno) : "disk full"));
  }
}

}  // namespace sluice
