// What a power cut takes from files that a program believes to have written: bytes that were not flushed, and names
// whose directory was not. It is told of every change, and at the cut makes the files what they then could be. The cut
// is the end of the program; nothing may change a file while it is made.
//
// More is lost than an ext4 would lose: the flush of a file does not keep its name, and what was asked to be written
// out without a flush (RangeSync) is not there. That a directory was made is never undone. Thread-safe.

#ifndef TESTS_FAULTS_POWER_CUT_H_
#define TESTS_FAULTS_POWER_CUT_H_

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace faults {

struct PowerCut {
  enum class Loss {
    kDropped,  // Nothing is there that was not flushed.
    kTorn,     // Of each file that was not flushed a beginning, or all but some sectors or pages, which hold zeros; of
               // the names a beginning of what was changed.
    kGarbled,  // As torn, but what was to be the end of a file is some sectors of anything.
  };
  // A mistake that whoever judges the losses must find.
  enum class Plant {
    kNone,
    kLyingFlush,  // Flushes say that they were done and do nothing.
    kDeepCut,     // The cut takes a little of what was flushed of the WAL.
  };
  // The call that changes a file at which the power goes, from 1; 0: it never does. By the seed that is before this
  // call, or before the next flush from it on, or after that, before anybody hears of it.
  uint64_t call = 0;
  Loss loss = Loss::kDropped;
  Plant plant = Plant::kNone;
  uint32_t seed = 1;
  std::string attic;  // A directory for files that were deleted and may come back; on the same file system.
};

class UnflushedChanges {
 public:
  explicit UnflushedChanges(PowerCut cut) : cut_(std::move(cut)), dice_(cut_.seed) {
    if (cut_.call == 0) return;
    constexpr Moment kMoments[] = {Moment::kCall, Moment::kBeforeFlush, Moment::kBeforeFlush, Moment::kAfterFlush};
    moment_ = kMoments[Draw(0, 3)];
    std::filesystem::remove_all(cut_.attic);
    std::filesystem::create_directory(cut_.attic);
  }
  // What ends in good order loses nothing.
  ~UnflushedChanges() {
    if (cut_.call > 0) std::filesystem::remove_all(cut_.attic);
  }
  UnflushedChanges(const UnflushedChanges&) = delete;
  UnflushedChanges& operator=(const UnflushedChanges&) = delete;

  // Whether the power goes before, or after, a call of that number.
  bool GoesBefore(uint64_t call, bool flush) const {
    if (cut_.call == 0 || moment_ == Moment::kAfterFlush) return false;
    return moment_ == Moment::kCall ? call == cut_.call : flush && call >= cut_.call;
  }
  bool GoesAfterFlush(uint64_t call) const {
    return cut_.call > 0 && moment_ == Moment::kAfterFlush && call >= cut_.call;
  }

  bool flushes_lie() const { return cut_.call > 0 && cut_.plant == PowerCut::Plant::kLyingFlush; }

  // Before a file of that name is made, or made empty.
  void WillMake(const std::string& path) {
    if (cut_.call == 0) return;
    const absl::MutexLock lock(&mutex_);
    if (std::filesystem::exists(path)) DeleteLocked(path);
    files_[path] = File{};
    changes_.push_back({path, "", "", {}});
  }
  // Before a file that may be there is opened to be written on. What is there already is taken for flushed.
  void WillReopen(const std::string& path) {
    if (cut_.call == 0) return;
    const bool there = std::filesystem::exists(path);
    if (!there) return WillMake(path);
    const absl::MutexLock lock(&mutex_);
    const uint64_t size = std::filesystem::file_size(path);
    files_.try_emplace(path, File{size, size});
  }
  void Appended(const std::string& path, uint64_t bytes) {
    if (cut_.call == 0) return;
    const absl::MutexLock lock(&mutex_);
    files_[path].written += bytes;
  }
  void Truncated(const std::string& path, uint64_t size) {
    if (cut_.call == 0) return;
    const absl::MutexLock lock(&mutex_);
    File& file = files_[path];
    file = {size, std::min(file.flushed, size)};
  }
  // How much was written before a flush begins; to be handed to Flushed when it has ended well.
  uint64_t Written(const std::string& path) {
    if (cut_.call == 0) return 0;
    const absl::MutexLock lock(&mutex_);
    return files_[path].written;
  }
  void Flushed(const std::string& path, uint64_t bytes) {
    if (cut_.call == 0) return;
    const absl::MutexLock lock(&mutex_);
    File& file = files_[path];
    file.flushed = std::max(file.flushed, std::min(bytes, file.written));
  }
  // Before a file takes another name, perhaps that of one that is there.
  void WillRename(const std::string& from, const std::string& to) {
    if (cut_.call == 0) return;
    const absl::MutexLock lock(&mutex_);
    Change change{to, from, "", {}};
    if (std::filesystem::exists(to)) {
      // It stays where it is until the new one takes its place.
      change.kept = NewPlaceLocked(to);
      std::filesystem::create_hard_link(to, change.kept);
      change.file = TakeLocked(to);
    }
    files_[to] = TakeLocked(from);
    changes_.push_back(std::move(change));
  }
  // In place of deleting it.
  void Delete(const std::string& path) {
    const absl::MutexLock lock(&mutex_);
    DeleteLocked(path);
  }
  void DirectoryFlushed(std::string path) {
    if (cut_.call == 0) return;
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    const absl::MutexLock lock(&mutex_);
    std::vector<Change> left;
    for (Change& change : changes_) {
      if (std::filesystem::path(change.path).parent_path() != path) {
        left.push_back(std::move(change));
      } else if (!change.kept.empty()) {
        std::filesystem::remove(change.kept);
      }
    }
    changes_.swap(left);
  }

  // Makes the files what the cut leaves. Returns what was lost, in words.
  std::string Cut() {
    const absl::MutexLock lock(&mutex_);
    // A file system with a journal keeps the order of changes of names, and may have written some by itself.
    const size_t kept = cut_.loss == PowerCut::Loss::kDropped ? 0 : Draw(0, changes_.size());
    const size_t lost = changes_.size() - kept;
    for (; changes_.size() > kept; changes_.pop_back()) UndoLocked(changes_.back());
    uint64_t loose = 0;
    std::string torn;
    for (auto& [path, file] : files_) {
      if (cut_.plant == PowerCut::Plant::kDeepCut && absl::EndsWith(path, ".log")) {
        file.flushed -= std::min(file.flushed, Draw(1, kSectorBytes));
      }
      if (file.written == file.flushed) continue;
      loose += file.written - file.flushed;
      absl::StrAppend(&torn, " ", std::filesystem::path(path).filename().string(), ":", file.flushed, "/",
                      file.written);
      Lose(path, file);
    }
    std::filesystem::remove_all(cut_.attic);
    return absl::StrCat(lost, " changes of names, ", loose, " bytes:", torn);
  }

 private:
  enum class Moment { kCall, kBeforeFlush, kAfterFlush };

  static constexpr uint64_t kSectorBytes = 512;
  static constexpr uint64_t kPageBytes = 4096;
  // Fewer zeros at the end of a file the server takes for damage, which it refuses; see CheckLogFile.
  static constexpr uint64_t kZerosMin = 16;

  struct File {
    uint64_t written = 0;
    uint64_t flushed = 0;  // So many of them at least survive.
  };
  struct Change {
    std::string path;
    std::string from;  // The name before; empty for a file that was made or deleted.
    std::string kept;  // Where the file is that had the name `path` before; empty when none had.
    File file;         // That one.
  };

  uint64_t Draw(uint64_t least, uint64_t most) { return std::uniform_int_distribution<uint64_t>(least, most)(dice_); }

  std::string NewPlaceLocked(const std::string& path) {
    return absl::StrCat(cut_.attic, "/", ++put_away_, "-", std::filesystem::path(path).filename().string());
  }

  // What is known of a file, which is about to lose its name.
  File TakeLocked(const std::string& path) {
    if (const auto known = files_.extract(path); !known.empty()) return known.mapped();
    const uint64_t size = std::filesystem::file_size(path);
    return {size, size};
  }

  void DeleteLocked(const std::string& path) {
    Change change{path, "", NewPlaceLocked(path), TakeLocked(path)};
    std::filesystem::rename(path, change.kept);
    changes_.push_back(std::move(change));
  }

  void UndoLocked(const Change& change) {
    if (!change.from.empty()) {
      files_[change.from] = TakeLocked(change.path);
      std::filesystem::rename(change.path, change.from);
    } else if (change.kept.empty()) {
      files_.erase(change.path);
      std::filesystem::remove(change.path);
    }
    if (!change.kept.empty()) {
      files_[change.path] = change.file;
      std::filesystem::rename(change.kept, change.path);
    }
  }

  static uint64_t RoundUp(uint64_t at, uint64_t unit) { return (at + unit - 1) / unit * unit; }

  void Lose(const std::string& path, const File& file) {
    const bool garbled = cut_.loss == PowerCut::Loss::kGarbled;
    const uint64_t way = cut_.loss == PowerCut::Loss::kDropped ? 0 : garbled ? 1 : Draw(0, 2);
    // What is lost of the end: from anywhere, or from the beginning of a sector, or of the first one that was begun.
    if (way == 0) {
      const uint64_t kept = cut_.loss == PowerCut::Loss::kDropped ? 0 : Draw(0, file.written - file.flushed);
      std::filesystem::resize_file(path, file.flushed + kept);
      return;
    }
    const uint64_t first_page = RoundUp(file.flushed, kPageBytes), end_page = file.written / kPageBytes * kPageBytes;
    if (way == 2 && first_page < end_page) {
      for (uint64_t page = first_page; page < end_page; page += kPageBytes) {
        if (Draw(0, 1) == 0) Overwrite(path, page, page + kPageBytes, /*zeros=*/true);
      }
      return;
    }
    uint64_t from = RoundUp(Draw(file.flushed, file.written), kSectorBytes);
    if (from + kZerosMin > file.written)
      from = std::max(file.flushed, (file.written - 1) / kSectorBytes * kSectorBytes);
    if (from + kZerosMin > file.written) {
      std::filesystem::resize_file(path, file.flushed);
    } else {
      Overwrite(path, from, file.written, !garbled);
    }
  }

  void Overwrite(const std::string& path, uint64_t from, uint64_t end, bool zeros) {
    std::string bytes(end - from, '\0');
    if (!zeros) std::generate(bytes.begin(), bytes.end(), [this] { return static_cast<char>(Draw(0, 255)); });
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(from));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) std::abort();
  }

  const PowerCut cut_;
  Moment moment_ = Moment::kCall;
  absl::Mutex mutex_;
  std::map<std::string, File> files_;  // Those that were written by this program. Guarded by mutex_, as all below.
  std::vector<Change> changes_;        // Of names, since their directory was flushed.
  uint64_t put_away_ = 0;
  std::mt19937 dice_;
};

}  // namespace faults

#endif  // TESTS_FAULTS_POWER_CUT_H_
