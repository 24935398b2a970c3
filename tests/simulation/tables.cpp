#include "tests/simulation/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace sluice::simulation {
namespace {

// In the volume that `make test` runs; in a smaller one as much less. Campaigns read these from the JSON.
constexpr std::int64_t kVolume = 10'000'000;
constexpr std::int64_t kEachCellMin = 50;
constexpr std::int64_t kEachHappeningMin = 200;  // and each reason and event, of these at least one in any volume
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

// How often something was ruled on with `word` in its name.
std::int64_t count_of(const WorldReport& report, const std::string& word) {
  std::int64_t sum = 0;
  for (const auto& [ruling, count] : report.rulings) {
    if ((ruling + " ").find(" " + word + " ") != std::string::npos) sum += count;
  }
  return sum;
}

using Counts = std::vector<std::pair<std::string, std::int64_t>>;

// Of every reason and every event that the format knows.
Counts counts_of_rulings(const WorldReport& report) {
  Counts counts;
  const auto* reasons = v1::Reason_descriptor();
  for (int i = 1; i < reasons->value_count(); ++i) {
    counts.emplace_back(reasons->value(i)->name(), count_of(report, reasons->value(i)->name()));
  }
  const auto* events = v1::Change::descriptor()->oneof_decl(0);
  for (int i = 0; i < events->field_count(); ++i) {
    const bool alone = events->field(i)->number() == v1::Change::kOnlySlotsOpenedFieldNumber;
    const std::string& name = events->field(i)->name();
    counts.emplace_back(name, count_of(report, alone ? "(but a slot opened)" : name));
  }
  return counts;
}

Counts counts_of_happenings(const WorldReport& report) {
  Counts counts;
  for (int i = 0; i < kHappeningCount; ++i) {
    const auto happening = static_cast<Happening>(i);
    counts.emplace_back(name_of(happening), report.happenings[happening]);
  }
  return counts;
}

std::string json_of(const Counts& counts) {
  std::string json;
  for (const auto& [name, count] : counts) json += fmt::format(R"({}"{}":{})", json.empty() ? "" : ",", name, count);
  return "{" + json + "}";
}

// A row for each step, in the order of the faults; null where one has no meaning.
std::string json_of(const FaultTable& table) {
  std::string rows;
  for (int s = 0; s < kStepCount; ++s) {
    const auto step = static_cast<Step>(s);
    std::string row;
    for (int f = 1; f < kFaultCount; ++f) {
      const auto fault = static_cast<Fault>(f);
      row += (row.empty() ? "" : ",") + (can_strike(step, fault) ? std::to_string(table.at(step, fault)) : "null");
    }
    rows += fmt::format(R"({}"{}":[{}])", rows.empty() ? "" : ",", name_of(step), row);
  }
  return "{" + rows + "}";
}

std::string json_of_fault_names() {
  std::string names;
  for (int f = 1; f < kFaultCount; ++f)
    names += fmt::format(R"({}"{}")", names.empty() ? "" : ",", name_of(static_cast<Fault>(f)));
  return "[" + names + "]";
}

std::string rarer_than(std::int64_t least, const Counts& counts) {
  std::string missing;
  for (const auto& [name, count] : counts) {
    if (count < least) missing += name + "; ";
  }
  return missing;
}

}  // namespace

void print(const WorldReport& report) {
  fmt::print("\nrulings\n");
  for (const auto& [ruling, count] : report.rulings) fmt::print("{:>8}  {}\n", count, ruling);
  fmt::print("\nwhat happened besides\n");
  for (const auto& [name, count] : counts_of_happenings(report)) fmt::print("{:>8}  {}\n", count, name);
  fmt::print("\n");
  print_faults(report.faults);
  fmt::print("\n{} intents in {} duty cycles ({:.1f} a cycle), {} records, {} worlds, {} with sinks, reapers and ingests\n",
             report.intents, report.cycles, intents_per_cycle(report), report.records, report.worlds, report.shops);
  fmt::print("every invariant held\n");
}

void print_json(const WorldReport& report, std::int64_t last_seed) {
  fmt::print(R"({{"to":{},"intents":{},"duty_cycles":{},"worlds":{},"worlds_with_sink_reaper_ingest":{},)"
             R"("worlds_run_twice":{},"records":{},)",
             last_seed, report.intents, report.cycles, report.worlds, report.shops, report.repeated, report.records);
  fmt::print(R"("rulings":{},"happenings":{},"faults":{},"cells":{},)", json_of(counts_of_rulings(report)),
             json_of(counts_of_happenings(report)), json_of_fault_names(), json_of(report.faults));
  fmt::print(R"("limits":{{"volume":{},"cell_min":{},"happening_min":{},"intents_per_cycle_max":{}}}}})"
             "\n",
             kVolume, kEachCellMin, kEachHappeningMin, kIntentsPerCycleMax);
}

std::string what_never_happened(const WorldReport& report) {
  const std::int64_t rulings_min = std::max<std::int64_t>(1, in_proportion(kEachHappeningMin, report));
  std::string missing = rarer_than(rulings_min, counts_of_rulings(report)) +
                        rarer_than(in_proportion(kEachHappeningMin, report), counts_of_happenings(report));
  for (int s = 0; s < kStepCount; ++s) {
    for (int f = 1; f < kFaultCount; ++f) {
      const auto step = static_cast<Step>(s);
      const auto fault = static_cast<Fault>(f);
      if (!can_strike(step, fault) || report.faults.at(step, fault) >= in_proportion(kEachCellMin, report)) continue;
      missing += fmt::format("{} at {}; ", name_of(fault), name_of(step));
    }
  }
  if (intents_per_cycle(report) > kIntentsPerCycleMax) missing += "steps between so many intents; ";
  return missing;
}

}  // namespace sluice::simulation
