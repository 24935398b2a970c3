#include "tests/simulation/tables.h"

#include <fmt/format.h>

namespace sluice::simulation {
namespace {

constexpr std::int64_t kEachCellMin = 3;
constexpr std::int64_t kEachHappeningMin = 10;

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
  fmt::print("\n{} intents in {} worlds, {} records: every invariant held\n", report.intents, report.worlds, report.records);
}

std::string what_never_happened(const WorldReport& report) {
  std::string missing = what_was_never_ruled(report);
  for (int s = 0; s < kStepCount; ++s) {
    for (int f = 1; f < kFaultCount; ++f) {
      const auto step = static_cast<Step>(s);
      const auto fault = static_cast<Fault>(f);
      if (!can_strike(step, fault) || report.faults.at(step, fault) >= kEachCellMin) continue;
      missing += fmt::format("{} at {}; ", name_of(fault), name_of(step));
    }
  }
  for (int i = 0; i < kHappeningCount; ++i) {
    const auto happening = static_cast<Happening>(i);
    if (report.happenings[happening] < kEachHappeningMin) missing += fmt::format("{}; ", name_of(happening));
  }
  return missing;
}

}  // namespace sluice::simulation
