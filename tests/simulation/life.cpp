#include "tests/simulation/life.h"

#include <utility>

namespace sluice::simulation {
namespace {

constexpr int kPauseTurnsMax = 150;
constexpr int kRestartTurnsMax = 12;

}  // namespace

Life::Life(Surroundings& surroundings, std::function<void()> run, std::function<void()> bury)
    : surroundings_(surroundings),
      run_(std::move(run)),
      bury_(std::move(bury)),
      calls_(surroundings_.plan,
             [this](bool long_pause) {
               if (long_pause) stand_still(kPauseTurnsMax);
               if (long_pause || surroundings_.dice.chance(surroundings_.restlessness)) strand_.pause();
             }),
      strand_([this] { live(); }) {}

void Life::live() {
  for (;;) {
    bool killed = false;
    try {
      run_();
    } catch (const Crash&) {
      killed = true;
    }
    if (killed) bury_();
    stand_still(kRestartTurnsMax);
    strand_.pause();
  }
}

void Life::stand_still(int turns_max) { still_until_ = surroundings_.turn + surroundings_.dice.between(1, turns_max); }

}  // namespace sluice::simulation
