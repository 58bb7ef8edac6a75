// What the clients of a simulation were told, and what its log may therefore hold: the model that everything is held
// against. Knows nothing of how the server works. Not thread-safe.
//
// An operation is one thing that a client wants done, however often it asks for it. What was acknowledged is in the
// log, once and whole; what was refused is never there; what has an unknown outcome is there whole or not at all, and
// which of the two does not change after the next start. Errors are what a check has found, in words.

#ifndef TESTS_SIMULATION_RECORD_BOOK_H_
#define TESTS_SIMULATION_RECORD_BOOK_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "eventstore/event_store.h"
#include "eventstore/sha256.h"
#include "services/decided_command.h"
#include "trust/v1/events.pb.h"

namespace simulation {

struct LoggedEvent {
  std::string stream;
  std::string type;
  std::string bytes;  // Of the event as readers see it.
  std::string position;
  eventstore::Sha256Digest leaf;
};

class RecordBook {
 public:
  struct Operation {
    std::string partnership;
    std::string request_id;  // Empty: cannot be repeated.
    std::optional<int64_t> expected_revision;
    size_t events = 0;     // That it makes.
    int open = 0;          // Attempts without an answer.
    bool unknown = false;  // An attempt had an unknown outcome since the last start.
    bool acknowledged = false;
    std::vector<size_t> places;  // Of its events in the log.
  };

  // What every event of an operation carries, so that it can be found; the same with other content carries the other.
  static std::string Mark(size_t operation);
  static std::string OtherMark(size_t operation);

  size_t Begin(Operation operation);
  Operation& operation(size_t number) { return operations_[number]; }
  const std::vector<Operation>& operations() const { return operations_; }

  // An attempt was answered; was_there: the operation was in the log when the attempt was made.
  absl::Status Answered(size_t number, bool was_there, const absl::StatusOr<services::CommandOutcome>& outcome,
                        const eventstore::EventStore& store);
  // The same of one that used the operation's request id for something else.
  static absl::Status AnsweredOther(const absl::StatusOr<services::CommandOutcome>& outcome);

  // Takes in what the store holds beyond what is known.
  absl::Status TakeIn(const eventstore::EventStore& store);
  // After a crash: what was known must be there, byte for byte; what was open is settled.
  absl::Status Settle(const eventstore::EventStore& store);
  // The derived rows of commands say what follows from the log.
  absl::Status CheckRows(const eventstore::EventStore& store) const;
  // The tree of a size has this root by the definition.
  absl::Status CheckRoot(uint64_t size, const eventstore::Sha256Digest& root) const;

  const std::vector<LoggedEvent>& log() const { return log_; }
  // By partnership, as a fold is to see them.
  const std::map<std::string, std::vector<trust::v1::Event>>& histories() const { return histories_; }
  bool IsPresent(size_t number) const { return !operations_[number].places.empty(); }

 private:
  absl::Status TakeInOne(const eventstore::RecordedEvent& record);

  std::vector<Operation> operations_;
  std::vector<LoggedEvent> log_;
  std::map<std::string, std::vector<trust::v1::Event>> histories_;
  std::map<std::string, eventstore::Sha256Digest> last_leaves_;  // By stream.
  absl::Time latest_ = absl::InfinitePast();
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_RECORD_BOOK_H_
