#include "tests/simulation/tables.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::simulation {
namespace {

// In the volume that `make test` runs; in a smaller one as much less, but never nothing.
constexpr std::int64_t kVolume = 10'000'000;
constexpr std::int64_t kEachCellMin = 50;
constexpr std::int64_t kEachHappeningMin = 200;
constexpr double kIntentsPerCycleMax = 20;

// Less than one, where a run is so small that chance alone can leave a cell empty: then nothing is asked of it.
std::int64_t in_proportion(std::int64_t least, const WorldReport& report) {
  return least * std::min(report.intents, kVolume) / kVolume;
}

void print_faults(const FaultTable& faults) {
  fmt::print("{:<20}", "faults at");
  for (int f = 1; f < kFaultCount; ++f) fmt::print("{:>14}", name_of(static_cast<Fault>(f)));
  fmt::print("\n");
  for (int s = 0; s < kStepCount; ++s) {
    const auto step = static_cast<Step>(s);
    fmt::print("{:<20}", name_of(step));
    for (int f = 1; f < kFaultCount; ++f) {
      const auto fault = static_cast<Fault>(f);
      fmt::print("{:>14}", can_strike(step, fault) ? std::to_string(faults.at(step, fault)) : "-");
    }
    fmt::print("\n");
  }
}

double intents_per_cycle(const WorldReport& report) {
  return static_cast<double>(report.intents) / static_cast<double>(std::max<std::int64_t>(1, report.cycles));
}

bool was_ruled(const WorldReport& report, const std::string& word) {
  for (const auto& [ruling, count] : report.rulings) {
    if ((ruling + " ").find(" " + word + " ") != std::string::npos) return true;
  }
  return false;
}

// Every reason and every event that the format knows.
std::string what_was_never_ruled(const WorldReport& report) {
  std::string missing;
  const auto* reasons = v1::Reason_descriptor();
  for (int i = 1; i < reasons->value_count(); ++i) {
    if (!was_ruled(report, reasons->value(i)->name())) missing += reasons->value(i)->name() + "; ";
  }
  const auto* events = v1::Change::descriptor()->oneof_decl(0);
  for (int i = 0; i < events->field_count(); ++i) {
    const bool alone = events->field(i)->number() == v1::Change::kOnlySlotsOpenedFieldNumber;
    if (!was_ruled(report, alone ? "(but a slot opened)" : events->field(i)->name()))
      missing += events->field(i)->name() + "; ";
  }
  return missing;
}

}  // namespace

void print(const WorldReport& report) {
  fmt::print("\nrulings\n");
  for (const auto& [ruling, count] : report.rulings) fmt::print("{:>8}  {}\n", count, ruling);
  fmt::print("\nwhat happened besides\n");
  for (int i = 0; i < kHappeningCount; ++i) {
    fmt::print("{:>8}  {}\n", report.happenings[static_cast<Happening>(i)], name_of(static_cast<Happening>(i)));
  }
  fmt::print("\n");
  print_faults(report.faults);
  fmt::print("\n{} intents in {} duty cycles ({:.1f} a cycle), {} records, {} worlds, {} with sinks, reapers and ingests\n",
             report.intents, report.cycles, intents_per_cycle(report), report.records, report.worlds, report.shops);
  fmt::print("every invariant held\n");
}

void print_json(const WorldReport& report, std::int64_t last_seed) {
  std::string cells;
  for (int s = 0; s < kStepCount; ++s) {
    for (int f = 1; f < kFaultCount; ++f) {
      const auto step = static_cast<Step>(s);
      const auto fault = static_cast<Fault>(f);
      if (!can_strike(step, fault)) continue;
      cells += fmt::format(R"({}"{} at {}":{})", cells.empty() ? "" : ",", name_of(fault), name_of(step),
                           report.faults.at(step, fault));
    }
  }
  std::string happenings;
  for (int i = 0; i < kHappeningCount; ++i) {
    const auto happening = static_cast<Happening>(i);
    happenings += fmt::format(R"({}"{}":{})", i == 0 ? "" : ",", name_of(happening), report.happenings[happening]);
  }
  fmt::print(R"({{"to":{},"intents":{},"duty_cycles":{},"worlds":{},"worlds_with_sink_reaper_ingest":{},)"
             R"("worlds_run_twice":{},"records":{},)"
             R"("cells":{{{}}},"happenings":{{{}}}}})"
             "\n",
             last_seed, report.intents, report.cycles, report.worlds, report.shops, report.repeated, report.records, cells,
             happenings);
}

std::string what_never_happened(const WorldReport& report) {
  std::string missing = what_was_never_ruled(report);
  for (int s = 0; s < kStepCount; ++s) {
    for (int f = 1; f < kFaultCount; ++f) {
      const auto step = static_cast<Step>(s);
      const auto fault = static_cast<Fault>(f);
      if (!can_strike(step, fault) || report.faults.at(step, fault) >= in_proportion(kEachCellMin, report)) continue;
      missing += fmt::format("{} at {}; ", name_of(fault), name_of(step));
    }
  }
  for (int i = 0; i < kHappeningCount; ++i) {
    const auto happening = static_cast<Happening>(i);
    if (report.happenings[happening] < in_proportion(kEachHappeningMin, report))
      missing += fmt::format("{}; ", name_of(happening));
  }
  if (intents_per_cycle(report) > kIntentsPerCycleMax) missing += "steps between so many intents; ";
  return missing;
}

}  // namespace sluice::simulation
