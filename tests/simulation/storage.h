// What of a simulated machine survives its crashes: the disk, seen from outside, with an engine to be opened on it.
//
// A crash is a picture of the disk, taken at the moment that was asked for. Whoever is running then goes on without
// knowing, on a disk that nobody will look at again, until the simulation ends it and restarts from the picture: so a
// crash can come between any two calls of the disk, and nothing has to be torn out of a running engine.

#ifndef TESTS_SIMULATION_STORAGE_H_
#define TESTS_SIMULATION_STORAGE_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "eventstore/event_store.h"
#include "tests/simulation/dice.h"

namespace simulation {

// kKill: the process ends, what it wrote is there. kPowerCut: of what was not flushed something may be there.
enum class Crash { kKill, kPowerCut };

class Storage {
 public:
  virtual ~Storage() = default;

  // Opens the engine on what the disk holds. The engine before it is destroyed first.
  virtual absl::StatusOr<std::unique_ptr<eventstore::EventStore>> Open() = 0;

  // The crash comes at one of the next calls that change the disk, 1 being the next; the seed says what it leaves.
  virtual void ArmCrash(Crash crash, int calls, uint64_t seed) = 0;
  // The crash comes now.
  virtual void CrashNow(Crash crash, uint64_t seed) = 0;
  // Whether it has come.
  virtual bool HasCrashed() const = 0;
  // The picture becomes the disk. REQUIRES: HasCrashed(), and the engine is destroyed.
  virtual void Restart() = 0;

  // The next write meets a full disk.
  virtual void FillUp() = 0;
  virtual void MakeRoom() = 0;
  // The next flush of a write fails: the outcome is unknown.
  virtual void FailNextFlush() = 0;

  // Flips a bit of what was written and flushed; false when there is nothing yet. REQUIRES: no engine is open.
  virtual bool Damage(Dice& dice) = 0;
  // As it was before.
  virtual void Repair() = 0;

  // Does a piece of what the engine left for later; false when there is none.
  virtual bool WorkInBackground() = 0;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_STORAGE_H_
