// A small engine of the simulation's own: what is appended goes into a journal, is flushed, and then shows in memory.
// It promises what every engine promises and crashes as one does, at a hundredth of the price, so that thousands of
// seeds can be run. Not thread-safe.

#ifndef TESTS_SIMULATION_JOURNAL_STORAGE_H_
#define TESTS_SIMULATION_JOURNAL_STORAGE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "eventstore/event_store.h"
#include "tests/simulation/storage.h"

namespace simulation {

class JournalStorage : public Storage {
 public:
  // The mistakes that can be planted in the engine.
  struct Mistakes {
    bool forgets_flushes = false;       // A flush says that it was done.
    bool answers_before_write = false;  // An append returns, and shows, while its bytes are still to be written.
    bool cuts_damage_off = false;       // A damaged journal is read up to the damage, without a word.
  };

  explicit JournalStorage(const Mistakes& mistakes) : mistakes_(mistakes) {}

  absl::StatusOr<std::unique_ptr<eventstore::EventStore>> Open() override;
  void ArmCrash(Crash crash, int calls, uint64_t seed) override;
  void CrashNow(Crash crash, uint64_t seed) override { ArmCrash(crash, 0, seed); }
  bool HasCrashed() const override { return picture_.has_value(); }
  void Restart() override;
  void FillUp() override { full_ = true; }
  void MakeRoom() override { full_ = false; }
  void FailNextFlush() override { fail_flush_ = true; }
  bool Damage(Dice& dice) override;
  void Repair() override;
  bool WorkInBackground() override;

 private:
  class Engine;

  // One write, all or nothing. Never changed.
  struct Entry {
    eventstore::Append append;  // Without streams: rows alone.
  };
  struct Place {
    std::shared_ptr<const Entry> entry;
    bool damaged = false;
  };
  struct Image {
    std::vector<Place> journal;
    size_t flushed = 0;  // So many of them would survive a power cut.
  };

  // The calls of the disk.
  void Append(std::shared_ptr<const Entry> entry);
  bool Flush();
  void Count();
  void TakePicture();

  const Mistakes mistakes_;
  Image image_;
  std::vector<std::shared_ptr<const Entry>> unwritten_;  // Of answers_before_write; dies with the process.
  bool full_ = false;
  bool fail_flush_ = false;
  int calls_until_crash_ = 0;
  Crash crash_ = Crash::kKill;
  uint64_t crash_seed_ = 0;
  std::optional<Image> picture_;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_JOURNAL_STORAGE_H_
