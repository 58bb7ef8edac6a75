// What counts in one direction, by day: the evidence of a partnership seen from one trustor towards one trustee,
// weighed as far as that does not depend on the day of reading, and gathered so that a reading's cost grows with days,
// not with events. Takes in records in any order of days. Says nothing of stages. Not synchronised.

#ifndef PROJECTIONS_DIRECTION_LEDGER_H_
#define PROJECTIONS_DIRECTION_LEDGER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "projections/day.h"
#include "projections/evidence_log.h"
#include "projections/facet_mass.h"
#include "projections/mass_share.h"
#include "projections/policy.h"
#include "projections/snapshot_bytes.h"

namespace projections {

// What acts of one day, not the trustee's own records, cover in a facet.
struct Coverage {
  uint32_t notions = 0;  // Bits.
  uint32_t count = 0;    // Acts that the facet's rule counts.

  friend bool operator==(const Coverage& a, const Coverage& b) { return a.notions == b.notions && a.count == b.count; }
};

// Bad acts of one day that are neither violations nor conflicts, by half-life.
struct PlainNegative {
  int half_life = 0;
  Weights weights{};
};

// What these acts together cover, by facet that can be established.
using Coverages = std::array<Coverage, kEstablishableCount>;

// The weight of an earlier day's act becomes another on this day: it was confirmed, or one of its two people left.
struct Revaluation {
  enum class Sum : uint8_t { kPositive, kConfirmed, kNegative };
  Sum sum = Sum::kPositive;
  int half_life = 0;  // Of a negative.
  Day day = 0;        // The act's own.
  Weights from{}, to{};
};

// What an act covers for a part of the time only.
struct LateCoverage {
  Day day = 0;  // The act's own.
  Day since = 0, until = kNever;
  Coverages coverage{};
};

// A good act, whose weight may change when it is confirmed or when one of its two people leaves.
struct PositiveAct {
  uint32_t record = 0;
  Weights base{};                      // By materiality.
  const PositiveRule* rule = nullptr;  // Null for an attestation.
  uint64_t role = 0;
  Day confirmed = kNever;  // When it became a joint one, of the actor's own records.
  Day departed = kNever;
};

// Rapport that rests on two named people: from which day, confirmed when, one of them gone when. Weighs as the array
// says: plus 1 once confirmed, plus 2 once one has gone.
struct PersonalRapport {
  uint32_t contacts = 0;
  Day day = 0, confirmed = kNever, departed = kNever;

  friend bool operator==(const PersonalRapport& a, const PersonalRapport& b) {
    return a.contacts == b.contacts && a.day == b.day && a.confirmed == b.confirmed && a.departed == b.departed;
  }
  template <typename H>
  friend H AbslHashValue(H state, const PersonalRapport& key) {
    return H::combine(std::move(state), key.contacts, key.day, key.confirmed, key.departed);
  }
};
using PersonalRapports = absl::flat_hash_map<PersonalRapport, std::array<uint64_t, 4>>;

// Everything of one day. Indexes are into the ledger's own lists; of a day mostly few, which take no memory of their
// own.
struct DayInputs {
  using Indexes = absl::InlinedVector<uint32_t, 4>;

  Weights positive{};     // All, the credits of resolutions excepted.
  Weights confirmed{};    // The part of it that is not the trustee's own records.
  Coverages coverage{};   // Of the acts that cover the same for ever.
  bool eligible = false;  // Some good act weighs something, or is confirmed; again without credits.
  std::vector<PlainNegative> negatives;
  std::vector<Revaluation> revaluations;
  Indexes violations;  // Matters in which something happened. May repeat.
  Indexes conflicts;   // The same.
  Indexes records;     // Those applied on this day, never empty. May repeat.

  // Whether all that this day changes is that `positive` speaks for the trustee.
  bool AddsPositiveAlone() const {
    return negatives.empty() && revaluations.empty() && violations.empty() && conflicts.empty();
  }
};

// One report of a violation.
struct ViolationReport {
  Day day = 0;
  uint32_t record = 0;
  uint32_t matter = 0;
  Weights weights{};  // Before standing, recidivism and discharge.
  int half_life = 0;
  uint8_t basis = 0, severity = 0, standing = 0;  // The standing at first.
  bool deception = false;
  bool witnessed = false;  // The trustor only learned of it.
  Day departed = kNever;   // When one of its two people left.
};

// A change of standing.
struct VerdictEntry {
  Day day = 0;
  Verdict verdict = Verdict::kDisputed;
  uint32_t record = 0;
};

// All that belongs to one violation.
struct ViolationMatter {
  std::vector<uint32_t> reports;       // In no order.
  std::vector<VerdictEntry> verdicts;  // In the order in which they are folded.
  // The first day of each kind of repair: of those that count for whoever was affected, and of all.
  std::array<Day, kRepairKindCount> counted_repairs{kNever, kNever, kNever, kNever};
  std::array<Day, kRepairKindCount> repairs{kNever, kNever, kNever, kNever};
  std::vector<uint32_t> counted_repair_records, other_repair_records;
  std::set<Day> affected_days, witnessed_days;  // Of the reports.
};

// One act of a conflict.
struct ConflictAct {
  Day day = 0;
  uint32_t record = 0;
  Weights weights{};  // Before discharge.
  int half_life = 0;
  uint64_t materiality = 0;  // As a factor.
  bool dispute = false;      // Formal.
  Day departed = kNever;     // When one of its two people left.
};

// One resolution of a conflict.
struct Resolution {
  Day day = 0;
  uint32_t record = 0;
  int64_t discharge = 0;
  bool applied = false;  // Some act of the conflict is not later.
  bool credit = false;   // Earns credit: made together, and confirmed to be.
  Day credit_day = 0;    // From then on.
  Day departed = kNever;
};

// All that belongs to one conflict.
struct ConflictMatter {
  std::vector<ConflictAct> acts;        // In the order in which they came.
  std::vector<Resolution> resolutions;  // By day, then record.
};

class DirectionLedger {
 public:
  // policy and log must outlive the ledger. trustor and trustee are the log's numbers and differ. first_contact is the
  // first day of the tie, from which early violations are reckoned.
  DirectionLedger(const Policy* policy, const EvidenceLog* log, int trustor, int trustee, Day first_contact)
      : policy_(policy), log_(log), trustor_(trustor), trustee_(trustee), first_contact_(first_contact) {}

  // For explanations, before the first Update: notes down what each act adds as it counts on a day, violations and
  // conflicts excepted; these are the shares that the sums of the days are made of. shares outlives the ledger.
  void NoteShares(Day day, std::vector<MassShare>* shares) {
    shares_day_ = day;
    shares_ = shares;
  }
  // For explanations, before the first Update: takes in these records of the log alone, in ascending order and without
  // confirmations, as if there were no other evidence; what confirms them, and who left, is looked up in the log. The
  // log must not change any more.
  void TakeOnly(std::vector<uint32_t> records) {
    takes_only_ = true;
    only_ = std::move(records);
  }

  // Takes in what the log has gained; all anew when it changed what was taken in. The earliest day whose inputs
  // changed, or kNever.
  Day Update();

  const std::map<Day, DayInputs>& days() const { return days_; }
  const std::vector<ViolationReport>& reports() const { return reports_; }
  const std::vector<ViolationMatter>& violations() const { return violations_; }
  const std::vector<ConflictMatter>& conflicts() const { return conflicts_; }
  // By the acts' own days, then since, then until.
  const std::vector<LateCoverage>& late_coverage() const { return late_coverage_; }
  const PersonalRapports& personal_rapports() const { return personal_rapports_; }
  const EvidenceLog& log() const { return *log_; }
  Day first_contact() const { return first_contact_; }

  // The rule that credits of resolutions follow; null when the policy has none.
  const PositiveRule* credit_rule() const;
  // What an applied resolution with credit weighs on a day.
  // REQUIRES: resolution.applied && resolution.credit && resolution.credit_day <= day.
  Weights CreditOf(const ConflictMatter& conflict, const Resolution& resolution, Day day) const;
  // What is left of weights on a day when one of the two people left on another.
  Weights AfterDeparture(const Weights& weights, Day departed, Day day) const {
    return departed > day ? weights : Scale(weights, static_cast<uint64_t>(policy_->document().departure_permille()));
  }

  // As EvidenceLog's. Load: of the same direction, first contact and policy, with the log that it was gathered from.
  // REQUIRES: neither NoteShares nor TakeOnly was called.
  void Save(SnapshotWriter* writer) const;
  void Load(SnapshotReader* reader);

  // An estimate, in constant time.
  size_t memory_bytes() const;

 private:
  // How the trustor takes part in what a cast did.
  struct Part {
    bool known = false;
    bool affected = false;   // Experienced it, as the trustee's act.
    bool counts = false;     // Experienced it or learned of it.
    bool concerned = false;  // Is named in any part: what makes a repair count.
  };

  Part PartIn(uint32_t cast_index);
  uint64_t RoleFactor(const Record& record, const Part& part, bool hearsay) const;
  Weights Weigh(const Weights& weights, const Record& record, uint64_t role) const;

  void Reset();
  bool NewDepartureMatters() const;
  bool Take(uint32_t index);
  void TakeAct(uint32_t index, const Part& part);
  void TakeAttestation(uint32_t index, const Part& part);
  void TakeConflictAct(uint32_t index, const Part& part);
  void TakeResolution(uint32_t index);
  void TakeViolation(uint32_t index, const Part& part);
  void TakeVerdict(uint32_t index);
  void TakeRepair(uint32_t index, const Part& part);
  bool TakeConfirmation(uint32_t index);

  std::optional<PositiveAct> PositiveActOf(uint32_t index, const Part& part) const;
  bool IsConfirmed(const PositiveAct& act, Day day) const;
  Weights ValueOf(const PositiveAct& act, Day day) const;
  Coverages CoverageOf(const PositiveAct& act, Day day, const Weights& weights) const;
  void AddPositive(PositiveAct act);
  Weights Turn(const PositiveAct& act, Day turn, const Weights& before);
  void AddPersonalRapport(const PositiveAct& act);
  void AddLateCoverage(const LateCoverage& coverage);
  void AddNegative(uint32_t index, const Weights& weights, int half_life);
  void NoteShare(const PositiveAct& act);
  void NoteShare(const MassShare& share);
  Day DepartureOf(const Record& record);
  void ApplyResolution(uint32_t conflict, const Resolution& resolution);
  void ApplyOnReportDays(uint32_t matter, uint32_t record, const std::set<Day>& report_days);

  // The inputs of a day on which something is applied.
  DayInputs& Inputs(Day day);
  // The same; a record is applied.
  DayInputs& Touch(Day day, uint32_t record);
  void TouchViolation(Day day, uint32_t record, uint32_t matter);
  void TouchConflict(Day day, uint32_t record, uint32_t conflict);
  uint32_t ViolationIndex(int64_t key);
  uint32_t ConflictIndex(int64_t key);

  void SaveDay(const DayInputs& inputs, SnapshotWriter* writer) const;
  void SaveViolations(SnapshotWriter* writer) const;
  void SaveConflicts(SnapshotWriter* writer) const;
  void LoadDays(SnapshotReader* reader);
  void LoadDay(SnapshotReader* reader, DayInputs* inputs);
  bool Revalues(Day day, const Revaluation& revaluation) const;
  void LoadViolations(SnapshotReader* reader);
  void LoadConflicts(SnapshotReader* reader);

  const Policy* const policy_;
  const EvidenceLog* const log_;
  const int trustor_, trustee_;
  const Day first_contact_;
  size_t taken_ = 0;
  int64_t generation_ = 0;       // Of the log, as taken in.
  size_t departures_taken_ = 0;  // The log's departures that were known when records were taken in.
  Day earliest_ = kNever;
  Day shares_day_ = 0;
  std::vector<MassShare>* shares_ = nullptr;
  bool takes_only_ = false;
  std::vector<uint32_t> only_;  // All that is taken in, when takes_only_.

  std::vector<Part> parts_;  // By cast.
  // The confirmations reckoned in, by the record confirmed: the day, and how many there are on it.
  absl::flat_hash_map<uint32_t, std::pair<Day, size_t>> confirmations_;
  absl::flat_hash_set<int> contacts_;  // The people that what counts here rests on.
  std::vector<LateCoverage> late_coverage_;
  PersonalRapports personal_rapports_;
  std::map<Day, DayInputs> days_;
  DayInputs* last_touched_ = nullptr;  // The day touched last: neighbours in the log share their day.
  Day last_touched_day_ = 0;
  size_t touches_ = 0, revaluation_count_ = 0;
  std::vector<ViolationReport> reports_;
  std::vector<ViolationMatter> violations_;
  std::vector<ConflictMatter> conflicts_;
  size_t matter_bytes_ = 0;  // Of what violations and conflicts list.
  absl::flat_hash_map<int64_t, uint32_t> violation_index_, conflict_index_;
};

}  // namespace projections

#endif  // PROJECTIONS_DIRECTION_LEDGER_H_
