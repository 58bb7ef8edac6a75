// Verifies a whole store against itself: every file, every record, the tree over them, every stream, and each against
// the others. The files are read from the disk; records are read as the store reads them, caches included.
//
// Works over any engine and beside its use: what is appended after the start is left out. In pieces, so that a caller
// can tell of its progress, wait, or give up. Keeps one page of streams and a hash or two a tree level, whatever the
// size of the log. Not thread-safe; Step blocks on the disk.

#ifndef EVENTSTORE_LOG_VERIFIER_H_
#define EVENTSTORE_LOG_VERIFIER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventstore/event_store.h"
#include "eventstore/sha256.h"

namespace eventstore {

// One thing that is wrong.
struct LogFinding {
  enum class Kind {
    kFile,        // A file that is not what its checksums say.
    kUnreadable,  // Bytes that are damaged, missing, or of another record.
    kOrder,       // A position, revision or record time that is not the next.
    kTree,        // A record or a node of the tree that is not what the tree says.
    kLink,        // A record that does not name the one before it in its stream.
    kCopy,        // A record of a stream that differs from the log's.
    kHead,        // A stream that ends elsewhere than the log says.
  };

  Kind kind;
  uint64_t position = 0;  // In the log; 0 when it is not of one record there.
  std::string stream;     // Empty when it is not of one stream.
  uint64_t revision = 0;  // In the stream; 0 as for position.
  std::string problem;    // The place, what is there, and what would be right. For people.
};

class LogVerifier {
 public:
  enum class Phase {
    kFiles,    // Every file, one a step.
    kLog,      // Every record in the order of the log, with the tree.
    kStreams,  // Every record in the order of the streams.
    kMissing,  // The log again, for records that no stream has: only when the streams hold less than the log.
    kDone,
  };

  struct Progress {
    Phase phase = Phase::kFiles;
    uint64_t log_size = 0;        // What is verified: the size at the start.
    uint64_t files = 0;           // Done.
    uint64_t records = 0;         // Of the log, done.
    uint64_t streams = 0;         // Done.
    uint64_t stream_records = 0;  // Of the streams, done.
  };

  struct Report {
    std::vector<LogFinding> findings;  // The first, in the order in which they were met.
    uint64_t findings_count = 0;       // With those that are not listed.
    // Of the tree over the records as they were read; nullopt while it is not known, or when one could not be read.
    std::optional<Sha256Digest> root;
  };

  static constexpr size_t kFindingsListedMax = 100;

  // Verifies what the store, which outlives this, holds now.
  explicit LogVerifier(const EventStore* store, size_t findings_listed_max = kFindingsListedMax);

  // Goes on for one file or about budget records. A finding is no error: see report. REQUIRES: budget > 0.
  // Errors: UNAVAILABLE and others that say nothing about the bytes: the step may be tried again.
  absl::Status Step(uint64_t budget);

  bool done() const { return progress_.phase == Phase::kDone; }
  const Progress& progress() const { return progress_; }
  const Report& report() const { return report_; }

 private:
  // A node over full leaves at the right edge of what was read: as recomputed, and as the tree says.
  struct Node {
    int level;
    Sha256Digest computed;
    Sha256Digest kept;
  };

  // What is known of the stream that is being read.
  struct StreamState {
    std::string name;
    uint64_t head = 0;
    uint64_t revision = 0;             // Done.
    uint64_t position = 0;             // Of the last that could be read.
    std::optional<Sha256Digest> last;  // The leaf hash of the revision that is done, when it could be read.
    uint64_t failures = 0;             // In a row.
  };

  absl::Status StepFiles(uint64_t budget);
  absl::Status StepLog(uint64_t budget);
  void CheckLogRecord(const RecordedEvent& event);
  absl::Status AddLeaf(uint64_t position, const std::optional<Sha256Digest>& computed);
  absl::Status FinishLog();
  absl::StatusOr<Sha256Digest> ReadKept(int level, uint64_t index, const Sha256Digest& otherwise);

  absl::Status StepStreams(uint64_t budget);
  absl::Status NextStreams();
  absl::StatusOr<uint64_t> ReadOneStream(uint64_t budget);
  absl::Status CheckStreamRecord(const RecordedEvent& event);
  void FinishStreams();

  absl::Status StepMissing(uint64_t budget);

  void Add(LogFinding finding);

  const EventStore* const store_;
  const size_t findings_listed_max_;
  const std::vector<std::string> files_;
  Progress progress_;
  Report report_;

  absl::Time latest_record_time_ = absl::InfinitePast();
  bool linked_ = false;       // Whether a record that is linked has been met in the log.
  bool all_readable_ = true;  // Of the log.
  std::vector<Node> edge_;    // Largest first.
  std::string tree_problem_;  // The last, so that a missing tile is told of once.

  std::vector<std::pair<std::string, uint64_t>> page_;  // Streams to come, the next one last.
  std::string listed_to_;
  bool listed_all_ = false;
  bool list_damaged_ = false;
  std::optional<StreamState> stream_;
  uint64_t unreadable_in_streams_ = 0;
  uint64_t missing_done_ = 0;
  uint64_t missing_found_ = 0;
};

}  // namespace eventstore

#endif  // EVENTSTORE_LOG_VERIFIER_H_
