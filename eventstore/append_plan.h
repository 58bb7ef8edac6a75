// Decides which of a group of appends may be stored, and where: the heart of every engine, without its storage.
//
// Appends are judged one after another, each against the heads that those before it leave behind. A plan is a wish: it
// becomes true when the engine has stored all of it, and is thrown away otherwise. Not thread-safe.

#ifndef EVENTSTORE_APPEND_PLAN_H_
#define EVENTSTORE_APPEND_PLAN_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventstore/event_store.h"
#include "eventstore/sha256.h"
#include "eventstore/v1/record.pb.h"

namespace eventstore {

// The end of a stream: its revision, and the leaf hash of its last record. A stream that does not exist has revision 0.
struct StreamHead {
  uint64_t revision = 0;
  Sha256Digest leaf_hash = {};
};

class AppendPlan {
 public:
  // Reads the stored head of a stream.
  using HeadReader = absl::FunctionRef<absl::StatusOr<StreamHead>(absl::string_view stream)>;
  // Takes one record of an append, in order, with its frame (record_codec.h) and the hash of its leaf. All are reused
  // for the next.
  using RecordSink =
      absl::FunctionRef<void(const v1::Record& record, absl::string_view frame, const Sha256Digest& leaf_hash)>;

  // Starts from what is stored: the size of the log, and the record time of its last event.
  AppendPlan(uint64_t log_size, absl::Time latest_record_time);

  // Adds an append that keeps the limits, and makes its records: each is serialised once and hashed once. On error the
  // plan is unchanged, and no record was made.
  // Errors: ABORTED naming each stream that is not at its expected revision; what read_head returns.
  absl::StatusOr<Appended> Add(const Append& append, HeadReader read_head, RecordSink sink);

  // What is stored once the plan is.
  uint64_t log_size() const { return log_size_; }
  absl::Time latest_record_time() const { return latest_record_time_; }
  // The new head of each stream that the plan appends to.
  const absl::flat_hash_map<std::string, StreamHead>& heads() const { return heads_; }

 private:
  void MakeRecords(const StreamAppend& stream, const StreamHead& before, Appended* appended, RecordSink sink);

  uint64_t log_size_;
  absl::Time latest_record_time_;
  absl::flat_hash_map<std::string, StreamHead> heads_;

  // For the next record, with the memory of the one before.
  v1::Record record_;
  std::string frame_;
};

}  // namespace eventstore

#endif  // EVENTSTORE_APPEND_PLAN_H_
