// A partnership as its events leave it: the small state that commands are judged against and that GetPartnership
// serves. A plain value, copied freely; not the trust in it, which is a reading of its own. Not synchronised.

#ifndef PROJECTIONS_PARTNERSHIP_H_
#define PROJECTIONS_PARTNERSHIP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "projections/contact_book.h"
#include "projections/day.h"
#include "projections/policy_book.h"
#include "projections/violation_standing.h"
#include "trust/v1/events.pb.h"
#include "trust/v1/partnership_service.pb.h"

namespace projections {

// An organization that is or was a partner.
struct Partner {
  std::string organization;
  std::string display_name;
  Day join_day = 0;
  Day earliest_join_day = 0;     // The first of the period in which it joined.
  std::optional<Day> leave_day;  // The first day on which it is no longer a partner.
};

// A promise on record; its key is the revision of its CommitmentMade.
struct Commitment {
  std::string promisor;                     // "*": all the beneficiaries, to each other.
  std::vector<std::string> beneficiaries;   // The affected of the promise.
  std::optional<absl::Time> promised_time;  // When it was due as promised.
  std::optional<absl::Time> due_time;       // As last renegotiated.
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

// A change of a violation's standing; compared in the order in which changes are folded.
struct StandingChange {
  Day day = 0;      // Never before the violation's own day.
  Day own_day = 0;  // Of the event itself.
  Verdict verdict = Verdict::kDisputed;
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

// A person's coming or going as a partner's contact.
struct ContactEvent {
  std::string contact;
  Day day = 0;
  Day earliest_day = 0;  // The first of the period in which it happened.
  bool departed = false;
  std::string organization;
};

// A time during which a person stood for an organization.
struct ContactAssignment {
  std::string organization;
  std::optional<Day> since_day;  // Nothing when a departure is all that is on record.
  std::optional<Day> until_day;  // Nothing while it lasts.
  Day earliest_since_day = 0;    // The first of the period in which it began; meaningless without since_day.
};

// What is kept of every piece of evidence, so that it can be confirmed, corrected and retracted: the record as it was
// made, and what its version in force is. Some 70 bytes, whatever the evidence says.
struct EvidenceRecord {
  absl::Time occur_time;
  absl::Time observe_time = absl::InfinitePast();  // InfinitePast: as occur_time.
  Day known_day = 0;     // When it became known to the service or to those who kept it before.
  int32_t recorder = 0;  // Numbers into Partnership::names.
  int32_t actor = 0;
  int32_t actor_in_force = 0;
  int64_t version = 0;  // The revision of the correction or retraction in force; 0 for the record as it was made.
  int64_t matter = 0;   // The revision that began what the version in force speaks of, its own included; 0 for nothing.
  uint8_t kind = 0;     // Evidence::KindCase, as it was made.
  uint8_t kind_in_force = 0;  // 0 when it is void.
  uint8_t precision = 0;
  uint8_t source = 0;
  bool imported = false;
};

// What one version in force says of a matter, beside what the matters below keep themselves.
struct Statement {
  uint8_t kind = 0;                                                      // Evidence::KindCase.
  Day day = 0;                                                           // Its effect day in the held view.
  std::optional<Verdict> verdict;                                        // What it does to a standing.
  trust::v1::Standing first_standing = trust::v1::STANDING_UNSPECIFIED;  // Of a report.
  bool is_void = false;                                                  // Of a verification.
  absl::Time due_time = absl::InfiniteFuture();                          // Of a renegotiation.
};

// What a report of a violation says of those concerned.
struct Report {
  std::string recorder;
  std::string actor;
  std::vector<std::string> affected;
  std::vector<std::string> witnesses;
};

// What evidence said as it was recorded, kept once there is another version of it.
struct RootStatement {
  uint8_t kind = 0;
  int32_t actor = 0;
  int64_t matter = 0;
  Statement statement;
  std::optional<Commitment> commitment;
  std::optional<Report> report;
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

  absl::btree_set<std::pair<std::string, std::string>> ties;  // Declared; ascending within and among.
  absl::btree_map<int64_t, ContactEvent> contact_events;      // By revision.
  absl::btree_set<std::pair<std::string, int64_t>> contacts;  // Each person with the revisions about it.
  std::string policy_sha256;                                  // That it is tied to, 32 bytes; or empty.

  // The matters, as the versions in force leave them.
  absl::btree_map<int64_t, Commitment> commitments;
  absl::btree_map<int64_t, Conflict> conflicts;
  absl::btree_map<int64_t, Violation> violations;
  absl::btree_set<std::string> assessments;  // The ids of those issued.
  PolicyBook policies;                       // Of the stream of policies alone.
  ContactBook persons;                       // Of the stream of contacts alone.

  // What corrections and retractions need: everything that can be voided, and what each says of which matter.
  absl::btree_map<int64_t, EvidenceRecord> evidence;  // By revision.
  absl::btree_map<int64_t, int32_t> remarks;          // Confirmations and contests: who made them.
  absl::btree_map<int64_t, int64_t> retracted;        // Of remarks and departures that are void: what retracted them.
  absl::btree_map<std::pair<int64_t, int64_t>, Statement> statements;  // By matter and revision.
  absl::btree_map<int64_t, Report> reports;                            // In force, by revision.
  absl::btree_map<int64_t, RootStatement> roots;                       // Of evidence that has versions, by revision.
  std::vector<std::string> names;                                      // Of all who recorded or acted, by number.
  absl::btree_map<std::string, int32_t> name_numbers;
};

// Folds one event into the state. Total: takes any event and never judges; an outcome, a resolution or a standing of
// something unknown changes no matter. Deterministic, reads no clock. An event without a revision counts as the next
// one. A correction leaves every matter as if the corrected evidence had stood in its place from the start, a
// retraction as if it had never been there; of several versions the last recorded counts. One of something that is not
// on record, or is no evidence (a retraction: nor confirmation, contest or departure), changes no more than the
// revision; one without a replacement puts the evidence as it was recorded on its corrected day. Evidence that comes in
// order takes logarithmic time: the references it makes are to what is on record, and among changes of one standing it
// is of the last day. Other evidence, and versions, take time that grows with the events of the matters they touch
// (n log n; for changes of one standing as n squared, of small values); what is about partners takes time linear in
// these.
void Evolve(Partnership& partnership, const trust::v1::Event& event);

// The partner of that id, present or past; null when there was never one. Lives as long as the state is unchanged.
const Partner* FindPartner(const Partnership& partnership, absl::string_view organization);

// How many partners there are now.
int PresentPartners(const Partnership& partnership);

// The record of that revision when it is evidence, void or not; null otherwise.
const EvidenceRecord* FindEvidence(const Partnership& partnership, int64_t revision);

// Whether evidence in force refers to this event as what began a matter.
bool IsReferredTo(const Partnership& partnership, int64_t revision);

// The organization of that number. REQUIRES: the number comes from the state.
const std::string& NameOf(const Partnership& partnership, int32_t number);

// For whom a person stands or stood, in the order of assignment; empty for a person that is no contact.
std::vector<ContactAssignment> AssignmentsOf(const Partnership& partnership, absl::string_view contact);

// The person that a coming or going of that revision is about; empty for any other event, and for one that is void.
std::string ContactOf(const Partnership& partnership, int64_t revision);

// The part of the state that other evidence in the place of this is judged against, as if the evidence of that revision
// had never been there: partners, the end, what is said of one matter, and the persons named. Linear in the events of
// the matter, the partners and the assignments of these persons. REQUIRES: evidence of that revision is on record.
Partnership ExcerptWithout(const Partnership& partnership, int64_t revision, int64_t matter,
                           const std::vector<std::string>& contacts);

// The partnership as callers see it.
trust::v1::Partnership Render(const Partnership& partnership);

// About how much memory the state takes, for a cache's budget. An estimate, in constant time.
size_t MemoryBytes(const Partnership& partnership);

}  // namespace projections

#endif  // PROJECTIONS_PARTNERSHIP_H_
