#include "stack/buyers/tally.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

void Tally::asked(int buyer) {
  ++asked_;
  if (has_arrived_[static_cast<std::size_t>(buyer)]) return;
  has_arrived_[static_cast<std::size_t>(buyer)] = true;
  ++arrived_;
}

void Tally::ended(std::string_view verdict, std::int64_t took_ms) {
  count(verdicts_, verdict);
  took_ms_.push_back(took_ms);
}

void Tally::began(std::string_view aftermath) { count(began_, aftermath); }

void Tally::settled(std::string_view status) { count(settled_, status); }

void Tally::count(Counts& counts, std::string_view name) {
  const auto found = counts.find(name);
  if (found == counts.end()) {
    counts.emplace(name, 1);
  } else {
    ++found->second;
  }
}

std::string Tally::as_json(const Counts& counts) {
  std::string text = "{";
  for (const auto& [name, count] : counts) text += fmt::format(R"({}"{}":{})", text.size() > 1 ? "," : "", name, count);
  return text + "}";
}

std::string Tally::json(UnixMillis now, bool final) {
  const auto ended = static_cast<std::int64_t>(took_ms_.size());
  std::string line = fmt::format(R"({{"t":{},"buyers":{},"arrived":{},"asked":{},"acknowledged":{},"unknown":{},"open":{},)",
                                 now, buyers_, arrived_, asked_, acknowledged_, unknown_, asked_ - ended - gave_up_);
  line += fmt::format(R"("verdicts":{},"began":{},"settled":{},"gave_up":{},"final":{})", as_json(verdicts_), as_json(began_),
                      as_json(settled_), given_up(), final);
  if (final) {
    std::ranges::sort(took_ms_);
    line += fmt::format(R"(,"latency_ms":{{"p50":{},"p99":{},"max":{}}})", percentile(took_ms_, 0.50),
                        percentile(took_ms_, 0.99), percentile(took_ms_, 1.0));
  }
  return line + "}";
}

std::int64_t percentile(const std::vector<std::int64_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(rank, sorted.size() - 1)];
}

}  // namespace sluice
