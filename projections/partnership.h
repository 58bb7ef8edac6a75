// A partnership as its events leave it: the small state that commands are judged against and that GetPartnership
// serves. A plain value, copied freely; not the trust in it, which is a reading of its own. Not synchronised.

#ifndef PROJECTIONS_PARTNERSHIP_H_
#define PROJECTIONS_PARTNERSHIP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "projections/day.h"
#include "projections/policy_book.h"
#include "trust/v1/events.pb.h"
#include "trust/v1/partnership_service.pb.h"

namespace projections {

// An organization that is or was a partner.
struct Partner {
  std::string organization;
  std::string display_name;
  Day join_day = 0;
  std::optional<Day> leave_day;  // The first day on which it is no longer a partner.
};

// A promise on record; its key is the revision of its CommitmentMade.
struct Commitment {
  std::string promisor;                    // "*": all the beneficiaries, to each other.
  std::vector<std::string> beneficiaries;  // The affected of the promise.
  std::optional<absl::Time> due_time;      // As last renegotiated.
  int64_t outcome = 0;  // The revision of its first outcome (kept, missed, waived); 0 while it is open.
};

// A conflict; its key is the revision of the event that began it.
struct Conflict {
  Day first_day = 0;  // Of its events; effect days of the held view, as all days here.
  Day last_day = 0;
  std::optional<Day> last_dispute_day;  // Of its formal disputes.
  std::optional<Day> resolved_day;      // Of its latest resolution.

  // A resolution settles the events up to its own day, that day included; a later one opens the conflict again.
  bool Open() const { return !resolved_day || last_day > *resolved_day; }
  bool FormalDisputeOpen() const { return last_dispute_day && (!resolved_day || *last_dispute_day > *resolved_day); }
};

// A change of a violation's standing, in the order in which changes are folded.
struct StandingChange {
  Day day = 0;      // Never before the violation's own day.
  Day own_day = 0;  // Of the event itself.
  int rank = 0;     // Among changes of one day: disputed, acknowledged, withdrawn, then findings from the mildest.
  trust::v1::Standing to = trust::v1::STANDING_UNSPECIFIED;
};

// A violation; its key is the revision of its first report. Sets are sorted and hold what all its reports say together.
struct Violation {
  Day day = 0;                       // Of the first report.
  std::vector<std::string> accused;  // The actor; of a joint act all the affected.
  std::vector<std::string> affected;
  std::vector<std::string> witnesses;
  std::vector<std::string> accusers;  // Those who recorded the reports.
  trust::v1::Standing initial = trust::v1::STANDING_ALLEGED;
  std::vector<StandingChange> changes;                         // Sorted.
  trust::v1::Standing standing = trust::v1::STANDING_ALLEGED;  // After all changes.
  bool acknowledged = false;                                   // Repairs on record.
  bool apologized = false;
  bool remediation_completed = false;
  bool remediation_verified = false;  // By another than the accused or a system.
};

// REQUIRES nothing of the events: see Evolve. The initial state is a partnership that does not exist: revision 0.
struct Partnership {
  std::string id;  // Empty until an event that carries it, or its owner, sets it.
  std::string display_name;
  std::vector<Partner> partners;  // In the order they joined, those who left included.
  std::optional<absl::Time> initial_contact_time;
  trust::v1::TimePrecision initial_contact_time_precision = trust::v1::TIME_PRECISION_UNSPECIFIED;
  trust::v1::PartnershipState state = trust::v1::PARTNERSHIP_STATE_UNSPECIFIED;
  std::optional<absl::Time> end_time;  // Of the earliest ending.
  std::optional<Day> end_day;
  int64_t revision = 0;
  bool imported_only = true;                              // Every event so far was imported.
  std::optional<absl::Time> latest_original_record_time;  // Of the imported events.

  absl::btree_map<int64_t, Commitment> commitments;
  absl::btree_map<int64_t, Conflict> conflicts;
  absl::btree_map<int64_t, Violation> violations;
  absl::btree_set<int64_t> misunderstandings;
  absl::btree_set<int64_t> objectives;
  absl::btree_set<std::string> assessments;  // The ids of those issued.
  std::string policy_sha256;                 // As 32 bytes: the policy it is tied to; empty when it is tied to none.
  PolicyBook policies;                       // Of the stream of policies alone.
  // Later events of a conflict or a violation, to the key that they belong to.
  absl::btree_map<int64_t, int64_t> conflict_events;
  absl::btree_map<int64_t, int64_t> violation_reports;
};

// Folds one event into the state. Total: takes any event in any order and never judges; an outcome, a resolution or a
// standing of something unknown changes no more than the revision. Deterministic, reads no clock. An event without a
// revision counts as the next one. Corrections and retractions leave the state alone: no command makes them yet.
void Evolve(Partnership& partnership, const trust::v1::Event& event);

// The partner of that id, present or past; null when there was never one. Lives as long as the state is unchanged.
const Partner* FindPartner(const Partnership& partnership, absl::string_view organization);

// The partnership as callers see it.
trust::v1::Partnership Render(const Partnership& partnership);

// About how much memory the state takes, for a cache's budget; linear in the number of its parts.
size_t MemoryBytes(const Partnership& partnership);

}  // namespace projections

#endif  // PROJECTIONS_PARTNERSHIP_H_
