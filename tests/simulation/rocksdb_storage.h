// The engine that is shipped, RocksDB, on a simulated disk. Everything but the opening of table files runs in the
// thread of the simulation.

#ifndef TESTS_SIMULATION_ROCKSDB_STORAGE_H_
#define TESTS_SIMULATION_ROCKSDB_STORAGE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "eventstore/event_store.h"
#include "services/clock.h"
#include "tests/simulation/simulated_disk.h"
#include "tests/simulation/storage.h"

namespace simulation {

class RocksDbStorage : public Storage {
 public:
  // The mistakes that can be planted in the disk.
  struct Mistakes {
    bool forgets_flushes = false;  // A flush says that it was done.
    bool cuts_damage_off = false;  // A WAL is cut off where it is damaged, before the engine sees it.
  };

  // The clock outlives it.
  RocksDbStorage(const services::Clock* clock, const Mistakes& mistakes);
  ~RocksDbStorage() override;

  absl::StatusOr<std::unique_ptr<eventstore::EventStore>> Open() override;
  void ArmCrash(Crash crash, int calls, uint64_t seed) override { disk_->ArmCrash(crash, calls, seed); }
  void CrashNow(Crash crash, uint64_t seed) override { disk_->ArmCrash(crash, 0, seed); }
  bool HasCrashed() const override { return disk_->picture().has_value(); }
  void Restart() override;
  void FillUp() override { disk_->set_free_bytes(0); }
  void MakeRoom() override { disk_->set_free_bytes(uint64_t{1} << 40); }
  void FailNextFlush() override { disk_->FailNextWalFlush(); }
  bool Damage(Dice& dice) override;
  void Repair() override;
  bool WorkInBackground() override { return env_->RunOne(); }

 private:
  class Engine;

  void Boot(DiskImage image);

  const services::Clock* const clock_;
  const Mistakes mistakes_;
  std::shared_ptr<SimulatedDisk> disk_;
  std::unique_ptr<SimulatedEnv> env_;
  std::string damaged_, sound_;  // The WAL that was damaged, and what it held.
  size_t damaged_at_ = 0;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_ROCKSDB_STORAGE_H_
