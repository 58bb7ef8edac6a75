// How far a log had come, kept outside the log's own directory: so that a log that was cut, restored from an older copy
// or rewritten is recognised when it is opened, which no look at the log itself can do.
//
// One file of text lines under a checksum, replaced whole and flushed at each change. A mark is written before the root
// that it holds is signed or handed out. One thread at a time. Blocks on the disk.

#ifndef EVENTSTORE_WATERMARK_H_
#define EVENTSTORE_WATERMARK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/checkpoint.h"

namespace eventstore {

// A size that the log had, and its root then.
struct Watermark {
  Checkpoint checkpoint;  // Its origin may be empty: nobody signed.
  absl::Time time;        // To the microsecond.
};

class WatermarkFile {
 public:
  static constexpr size_t kMarksKept = 16;

  // Opens the file in a directory, which is made when it is missing; its parent must be there. Errors: DATA_LOSS when
  // the file is damaged; PERMISSION_DENIED when file or directory cannot be read or made.
  static absl::StatusOr<WatermarkFile> Open(const std::string& directory);

  const std::string& path() const { return path_; }
  // Whether there was a file.
  bool exists() const { return exists_; }
  // The last marks, the newest last; sizes ascend.
  const std::vector<Watermark>& marks() const { return marks_; }
  std::optional<Watermark> Newest() const;

  // Adds a mark durably, or does nothing when the newest says the same; the oldest goes when there are more than
  // kMarksKept. Errors: FAILED_PRECONDITION when the newest is larger, or has another root for that size, which must
  // never be signed; PERMISSION_DENIED when it cannot be written: the mark does not count then.
  absl::Status Add(const Watermark& mark);

  // Keeps the file aside under another name in the same directory, and begins anew with nothing. Returns that name;
  // empty when there was no file. Errors: PERMISSION_DENIED.
  absl::StatusOr<std::string> SetAside();

 private:
  explicit WatermarkFile(std::string path) : path_(std::move(path)) {}

  std::string path_;
  bool exists_ = false;
  std::vector<Watermark> marks_;
};

}  // namespace eventstore

#endif  // EVENTSTORE_WATERMARK_H_
