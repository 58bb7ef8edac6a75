#include "tests/simulation/journal_storage.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventstore/memory_store.h"
#include "tests/simulation/forwarding_store.h"

namespace simulation {

// What a process has open.
class JournalStorage::Engine : public ForwardingStore {
 public:
  explicit Engine(JournalStorage* storage) : ForwardingStore(&memory_), storage_(*storage) {}

  // Shows what the journal holds.
  absl::Status Show(const Entry& entry) {
    return entry.append.streams.empty() ? memory_.WriteRows(entry.append.rows) : memory_.Write(entry.append).status();
  }

  absl::StatusOr<eventstore::Appended> Write(const eventstore::Append& append) override {
    // Memory judges first what it would refuse.
    std::vector<eventstore::StreamAhead> ahead;
    for (const eventstore::StreamAppend& stream : append.streams) {
      const absl::StatusOr<uint64_t> revision = memory_.StreamRevision(stream.stream);
      if (revision.ok() && *revision != stream.expected_revision) ahead.push_back({stream.stream, *revision});
    }
    if (!ahead.empty()) return eventstore::AbortedBy(ahead);
    const absl::Status kept = Keep(append);
    if (!kept.ok()) return kept;
    return memory_.Write(append);
  }

  absl::Status WriteRows(const std::vector<eventstore::RowWrite>& rows) override {
    if (rows.empty()) return absl::OkStatus();
    const absl::Status kept = Keep({absl::InfinitePast(), {}, rows});
    return kept.ok() ? memory_.WriteRows(rows) : kept;
  }

 private:
  absl::Status Keep(const eventstore::Append& append) {
    if (failed_) return absl::FailedPreconditionError("a write failed before: open the store again");
    if (storage_.full_) return absl::ResourceExhaustedError("the disk is full");
    auto entry = std::make_shared<const Entry>(Entry{append});
    if (storage_.mistakes_.answers_before_write) {
      storage_.unwritten_.push_back(std::move(entry));
      return absl::OkStatus();
    }
    storage_.Append(std::move(entry));
    if (storage_.Flush()) return absl::OkStatus();
    failed_ = true;
    return absl::UnknownError("the flush failed");
  }

  JournalStorage& storage_;
  eventstore::MemoryStore memory_;
  bool failed_ = false;
};

absl::StatusOr<std::unique_ptr<eventstore::EventStore>> JournalStorage::Open() {
  unwritten_.clear();
  const auto damaged =
      std::find_if(image_.journal.begin(), image_.journal.end(), [](const Place& place) { return place.damaged; });
  if (damaged != image_.journal.end()) {
    if (!mistakes_.cuts_damage_off) {
      return absl::DataLossError(
          absl::StrCat("entry ", damaged - image_.journal.begin(), " of the journal is damaged"));
    }
    image_.journal.erase(damaged, image_.journal.end());
  }
  image_.flushed = image_.journal.size();  // Recovery writes out what it found.
  auto engine = std::make_unique<Engine>(this);
  for (const Place& place : image_.journal) {
    const absl::Status shown = engine->Show(*place.entry);
    if (!shown.ok()) return absl::DataLossError(absl::StrCat("the journal cannot be replayed: ", shown.ToString()));
  }
  return engine;
}

void JournalStorage::ArmCrash(Crash crash, int calls, uint64_t seed) {
  if (picture_.has_value()) return;
  crash_ = crash;
  crash_seed_ = seed;
  calls_until_crash_ = calls;
  if (calls == 0) TakePicture();
}

void JournalStorage::Count() {
  if (calls_until_crash_ > 0 && --calls_until_crash_ == 0) TakePicture();
}

void JournalStorage::TakePicture() {
  if (picture_.has_value()) return;
  Image picture = image_;
  if (crash_ == Crash::kPowerCut) {
    const size_t loose = picture.journal.size() - picture.flushed;
    picture.journal.resize(picture.flushed + Dice(crash_seed_).Below(loose + 1));
  }
  picture_ = std::move(picture);
}

void JournalStorage::Restart() {
  image_ = *std::move(picture_);
  picture_.reset();
  calls_until_crash_ = 0;
  full_ = fail_flush_ = false;
}

void JournalStorage::Append(std::shared_ptr<const Entry> entry) {
  Count();
  image_.journal.push_back({std::move(entry)});
}

bool JournalStorage::Flush() {
  Count();
  if (std::exchange(fail_flush_, false)) return false;
  if (!mistakes_.forgets_flushes) image_.flushed = image_.journal.size();
  return true;
}

bool JournalStorage::Damage(Dice& dice) {
  if (image_.flushed == 0) return false;
  // Mostly near the end, where a reader could take it for a write that was cut off.
  const size_t reach = std::min<size_t>(image_.flushed, 8);
  image_.journal[image_.flushed - 1 - dice.Below(reach)].damaged = true;
  return true;
}

void JournalStorage::Repair() {
  for (Place& place : image_.journal) place.damaged = false;
}

bool JournalStorage::WorkInBackground() {
  if (unwritten_.empty()) return false;
  std::vector<std::shared_ptr<const Entry>> unwritten;
  unwritten.swap(unwritten_);
  for (std::shared_ptr<const Entry>& entry : unwritten) Append(std::move(entry));
  Flush();
  return true;
}

}  // namespace simulation
