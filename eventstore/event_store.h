// The memory: an append-only log of opaque records in named streams, and ordered rows derived from it.
//
// Promises of every engine: an append is all or nothing and durable before it returns; positions in the log and
// revisions in a stream start at 1 and have no gaps; what a reader has seen never goes away; damaged bytes are
// reported, never skipped. Thread-safe. Every call may block on the disk: never call it from a thread that must not
// wait.

#ifndef EVENTSTORE_EVENT_STORE_H_
#define EVENTSTORE_EVENT_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "eventstore/sha256.h"

namespace eventstore {

// A part of a payload that only a key can read; opaque to the store.
struct SealedPart {
  std::string key_id;
  std::string nonce;
  std::string ciphertext;
};

// An event before it is appended.
struct EventData {
  std::string type;  // A name for the kind of payload; opaque to the store.
  std::string data;  // The payload; with the sealed parts at most kEventBytesMax.
  std::vector<SealedPart> sealed = {};
};

// A sealed part as it stands in the log.
struct SealedView {
  absl::string_view key_id;
  absl::string_view nonce;
  absl::string_view ciphertext;
};

// An event as it stands in the log. The views live as long as the visit that lends them.
struct RecordedEvent {
  uint64_t position;  // In the log, from 1.
  absl::string_view stream;
  uint64_t revision;  // In the stream, from 1.
  absl::Time record_time;
  absl::string_view type;
  absl::string_view data;
  absl::Span<const SealedView> sealed = {};
  // The link: the leaf hash of the stream's record before. Empty for its first, and for what format version 1 held.
  absl::string_view previous_sha256 = {};
  // The record's bytes exactly as they are stored: the leaf of the log's tree.
  absl::string_view stored = {};
};

// Events for one stream, on the condition that it holds exactly expected_revision events (0: that it does not exist).
struct StreamAppend {
  std::string stream;
  uint64_t expected_revision;
  std::vector<EventData> events;  // Not empty.
};

// A change of one derived row. Rows are ordered by key, bytewise, within their table.
struct RowWrite {
  std::string table;  // [a-z_]+
  std::string key;
  std::optional<std::string> value;  // nullopt deletes.
};

struct Append {
  absl::Time record_time;             // Raised to the log's latest when it lies before it.
  std::vector<StreamAppend> streams;  // Each stream once. Not empty.
  std::vector<RowWrite> rows;         // Written with the events, in the same atom.
};

struct Appended {
  uint64_t first_position;  // Of the first event; the others follow in the order given.
  absl::Time record_time;   // As stored.
  // The hash of each event's leaf in the log's tree, in the order given. Empty for rows alone.
  std::vector<Sha256Digest> leaf_hashes = {};
};

inline constexpr size_t kEventBytesMax = 1 << 20;
inline constexpr size_t kStreamNameBytesMax = 255;

// Visits one event; returns false to stop.
using EventVisitor = absl::FunctionRef<bool(const RecordedEvent&)>;
// Visits one row; returns false to stop. The views live as long as the visit.
using RowVisitor = absl::FunctionRef<bool(absl::string_view key, absl::string_view value)>;
// Visits one stream's name and revision; returns false to stop.
using StreamVisitor = absl::FunctionRef<bool(absl::string_view stream, uint64_t revision)>;

// What an engine says of itself, for who watches it; zero where it has nothing of the kind.
struct StoreCondition {
  uint64_t table_bytes = 0;               // On the disk, in files that are in use.
  uint64_t memtable_bytes = 0;            // In memory, not yet in such a file.
  uint64_t block_cache_bytes = 0;         // In memory, of such files.
  uint64_t compaction_pending_bytes = 0;  // To be rewritten; an estimate.
  uint64_t stalls = 0;                    // How often writes were slowed down or stopped, since the start.
  bool write_stopped = false;             // They are stopped now.
  uint64_t background_errors = 0;         // Of flushes and merges, since the start.
  uint64_t disk_free_bytes = 0;
  uint64_t disk_reserve_bytes = 0;  // Below which appends are refused.
};

class EventStore {
 public:
  virtual ~EventStore() = default;

  // Asks the engine and the file system; holds up no append for longer than some microseconds.
  [[nodiscard]] virtual StoreCondition Condition() const { return {}; }

  // Appends all events and rows, or nothing, and returns when they are durable. Callers that append at the same time
  // share one flush to the disk.
  // Errors:
  //   ABORTED: at least one stream is not at its expected revision; nothing is stored. StreamsAhead(status) names them
  //   all. INVALID_ARGUMENT: the append breaks a limit or names a stream twice; nothing is stored. RESOURCE_EXHAUSTED:
  //   the disk is full, or nearly so; nothing is stored; a later append may succeed. UNKNOWN: the write failed; the
  //   events may or may not be there after a restart. The store refuses every later append
  //     with FAILED_PRECONDITION: close it and open it again.
  [[nodiscard]] virtual absl::StatusOr<Appended> Write(const Append& append) = 0;

  // Writes rows alone, all or nothing, durably. Errors as for Write, without ABORTED.
  [[nodiscard]] virtual absl::Status WriteRows(const std::vector<RowWrite>& rows) = 0;

  // The number of events in the log: the position of the last.
  [[nodiscard]] virtual uint64_t LogSize() const = 0;

  // The record time of the last event; absl::InfinitePast() for an empty log.
  [[nodiscard]] virtual absl::Time LatestRecordTime() const = 0;

  // The hash of the full subtree over the records of positions (index << level) + 1 to (index + 1) << level, by RFC
  // 6962 (see merkle_tree.h). Errors: OUT_OF_RANGE: these are not all in the log; DATA_LOSS naming the place.
  [[nodiscard]] virtual absl::StatusOr<Sha256Digest> ReadTreeNode(int level, uint64_t index) const = 0;

  // The number of events in a stream; 0 when there is no such stream. Errors: DATA_LOSS.
  [[nodiscard]] virtual absl::StatusOr<uint64_t> StreamRevision(absl::string_view stream) const = 0;

  // Visits the events of a stream after a revision, in order, as of the moment of the call. A stream that does not
  // exist has none. Errors: DATA_LOSS naming the place when bytes are wrong or an event is missing; what was visited
  // before it was right.
  [[nodiscard]] virtual absl::Status ReadStream(absl::string_view stream, uint64_t after_revision,
                                                EventVisitor visit) const = 0;

  // Visits all events of the streams whose names lie between two, both included: stream by stream in the bytewise order
  // of names, each in its own order. Each stream as of some moment of the call, no earlier than its beginning. For who
  // reads many: what is read pushes nothing out of an engine's memory. Errors: as for ReadStream.
  [[nodiscard]] virtual absl::Status ReadStreams(absl::string_view first, absl::string_view last,
                                                 EventVisitor visit) const;

  // Visits the events of the log after a position, in order, as of the moment of the call. Errors: as for ReadStream.
  [[nodiscard]] virtual absl::Status ReadLog(uint64_t after_position, EventVisitor visit) const = 0;

  // Visits the streams whose names are greater than after, in the bytewise order of names. Errors: DATA_LOSS.
  [[nodiscard]] virtual absl::Status ListStreams(absl::string_view after, StreamVisitor visit) const = 0;

  // The value of a row; nullopt when there is none. Errors: DATA_LOSS.
  [[nodiscard]] virtual absl::StatusOr<std::optional<std::string>> GetRow(absl::string_view table,
                                                                          absl::string_view key) const = 0;

  // Visits the rows of a table whose keys are greater than after, in order. Errors: DATA_LOSS.
  [[nodiscard]] virtual absl::Status ScanRows(absl::string_view table, absl::string_view after,
                                              RowVisitor visit) const = 0;

  // The files that hold what the store keeps and never change, by name, so that each can be verified by itself; what
  // was written last may be in none yet. Empty for a store that keeps nothing in files.
  [[nodiscard]] virtual std::vector<std::string> ListFiles() const = 0;

  // Reads one of these files from the disk, past what is cached of it, and compares it with its checksums. OK for one
  // that was replaced since, or that another program wrote without any. Errors: DATA_LOSS naming the file.
  [[nodiscard]] virtual absl::Status VerifyFile(const std::string& name) const = 0;
};

// The streams that made Write return ABORTED, with the revision each stands at.
struct StreamAhead {
  std::string stream;
  uint64_t revision;
};

// An ABORTED status that names the streams.
absl::Status AbortedBy(const std::vector<StreamAhead>& streams);

// The streams named by such a status; empty for any other.
std::vector<StreamAhead> StreamsAhead(const absl::Status& status);

}  // namespace eventstore

#endif  // EVENTSTORE_EVENT_STORE_H_
