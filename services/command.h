// A command on its way through the lane, and the draft of a partnership that the commands of one batch write together.
// Both are used by one thread at a time.

#ifndef SERVICES_COMMAND_H_
#define SERVICES_COMMAND_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "eventstore/event_store.h"
#include "eventstore/sha256.h"
#include "projections/partnership.h"
#include "services/domain/decider.h"
#include "trust/v1/events.pb.h"
#include "trust/v1/receipt.pb.h"

namespace services {

inline constexpr char kContactTable[] = "contacts";  // ContactKey -> trust.v1.GetContactResponse.

std::string ContactKey(absl::string_view partnership, absl::string_view contact);

// The receipt of a record, without the size of a checkpoint.
trust::v1::Receipt MakeReceipt(uint64_t position, const eventstore::Sha256Digest& leaf_hash);

// The rows that a batch is about to write, over those that are stored.
class PendingRows {
 public:
  explicit PendingRows(const eventstore::EventStore* store) : store_(store) {}

  // The value of a row as this batch sees it. Errors: DATA_LOSS.
  absl::StatusOr<std::optional<std::string>> Get(absl::string_view table, absl::string_view key) const;
  // The same of the batch alone.
  std::optional<std::string> GetPending(absl::string_view table, absl::string_view key) const;
  void Put(absl::string_view table, std::string key, std::string value);

  // The rows to write. Leaves this empty.
  std::vector<eventstore::RowWrite> Take();

 private:
  const eventstore::EventStore* const store_;
  absl::flat_hash_map<std::pair<std::string, std::string>, std::string> rows_;  // By table and key.
};

// What a batch adds to one partnership. Readers see none of it until it is durable.
class Draft {
 public:
  // state and rows outlive the draft.
  Draft(projections::Partnership* state, PendingRows* rows, absl::Time record_time);

  // The state with everything accepted so far.
  const projections::Partnership& state() const { return *state_; }
  PendingRows& rows() const { return *rows_; }
  absl::Time record_time() const { return record_time_; }

  // Fills in what the record will hold of each event, except the position.
  void Complete(std::vector<trust::v1::Event>& events) const;

  // Takes the events in, in order, with what is sealed of each, nothing where sealed is shorter. Returns the index of
  // the first in events(). REQUIRES: Complete(events) was called last; no event has personal data in clear.
  size_t Accept(std::vector<trust::v1::Event> events, std::vector<std::vector<eventstore::SealedPart>> sealed = {});

  // The revision before the first accepted event.
  uint64_t base_revision() const { return base_revision_; }
  std::vector<trust::v1::Event>& events() { return events_; }
  size_t bytes() const { return bytes_; }

  // True when something was accepted that Partnership as a resource shows.
  bool structure_changed() const { return structure_changed_; }

  // What to append. Leaves the encoded events empty.
  eventstore::StreamAppend TakeAppend();

  // Says where the accepted events stand, and by which leaves of the log's tree, once they are durable. leaf_hashes has
  // one an event.
  void SetPlaces(uint64_t first_position, absl::Span<const eventstore::Sha256Digest> leaf_hashes);

  // The receipt of an accepted event, without the size of a checkpoint. REQUIRES: SetPlaces was called.
  trust::v1::Receipt ReceiptOf(size_t index) const;

 private:
  void Fold(const trust::v1::Event& event);

  projections::Partnership* const state_;
  PendingRows* const rows_;
  const absl::Time record_time_;
  const uint64_t base_revision_;
  std::vector<trust::v1::Event> events_;
  std::vector<eventstore::EventData> encoded_;
  uint64_t first_position_ = 0;
  std::vector<eventstore::Sha256Digest> leaf_hashes_;
  size_t bytes_ = 0;
  bool structure_changed_ = false;
};

// One command. The lane calls Judge, perhaps again on another draft after a conflict, and then exactly one of Finish
// and Refuse.
class Command {
 public:
  virtual ~Command() = default;

  // The id of the partnership that it is about.
  virtual const std::string& partnership() const = 0;

  // Not judged after this time.
  virtual absl::Time deadline() const = 0;

  // True when nobody waits for the outcome any more.
  virtual bool Cancelled() const = 0;

  // Whether it waits for as long as it takes; others are refused when commands come faster than they are decided.
  virtual bool Patient() const { return false; }

  // Decides against draft.state() and accepts into the draft, or remembers why not. Does no I/O but for row look-ups.
  virtual void Judge(Draft& draft, const domain::Context& context) = 0;

  // Tells the caller the outcome: what Judge decided, durable now when status is OK; status itself otherwise.
  virtual void Finish(const absl::Status& status, Draft& draft) = 0;

  // Tells the caller that the command was never decided.
  virtual void Refuse(const absl::Status& status) = 0;
};

}  // namespace services

#endif  // SERVICES_COMMAND_H_
