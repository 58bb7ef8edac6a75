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
#include "eventstore/v1/record.pb.h"

namespace eventstore {

class AppendPlan {
 public:
  // Reads the stored revision of a stream: 0 when there is none.
  using HeadReader = absl::FunctionRef<absl::StatusOr<uint64_t>(absl::string_view stream)>;
  // Takes one record of an append, in order. The record is reused for the next.
  using RecordSink = absl::FunctionRef<void(const v1::Record& record)>;

  // Starts from what is stored: the size of the log, and the record time of its last event.
  AppendPlan(uint64_t log_size, absl::Time latest_record_time);

  // Adds an append that keeps the limits. The plan is unchanged on error.
  // Errors: ABORTED naming each stream that is not at its expected revision; what read_head returns.
  absl::StatusOr<Appended> Add(const Append& append, HeadReader read_head);

  // Makes the records of an append, given what Add said of it.
  static void MakeRecords(const Append& append, const Appended& appended, RecordSink sink);

  // What is stored once the plan is.
  uint64_t log_size() const { return log_size_; }
  absl::Time latest_record_time() const { return latest_record_time_; }
  // The new revision of each stream that the plan appends to.
  const absl::flat_hash_map<std::string, uint64_t>& heads() const { return heads_; }

 private:
  uint64_t log_size_;
  absl::Time latest_record_time_;
  absl::flat_hash_map<std::string, uint64_t> heads_;
};

}  // namespace eventstore

#endif  // EVENTSTORE_APPEND_PLAN_H_
