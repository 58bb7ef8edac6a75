// What a partnership's partners did that is counted rather than weighed: promises and their outcomes, objectives,
// conflicts, violations and their remedies, reviews, renewals, health checks. Each act stands in the version recorded
// last: a correction lies over the original record, a retraction voids it, and the later of them wins (specification,
// C4). Knows no policy and reads no trust. Only takes events in, in the order of revisions. Not synchronised.

#ifndef PROJECTIONS_CONDUCT_LOG_H_
#define PROJECTIONS_CONDUCT_LOG_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "projections/day.h"
#include "projections/evidence_log.h"
#include "projections/snapshot_bytes.h"
#include "projections/violation_standing.h"
#include "trust/v1/events.pb.h"

namespace projections {

enum class ConductKind : uint8_t {
  kNone,  // Not counted, or void.
  kPromise,
  kRenegotiation,
  kWaiver,
  kKeptOnTime,  // Or better than promised.
  kKeptLate,
  kMissed,
  kObjectiveAchieved,
  kObjectiveMissed,
  kConflict,  // Raised or escalated.
  kDispute,
  kResolution,
  kViolation,
  kVerdict,
  kVerification,
  kRenewal,
  kReview,
  kHealthCheck,
  kFiguresReview,
};

// One counted act.
struct Conduct {
  int64_t revision = 0;
  // The revision of what it belongs to: its own where it begins a matter. 0: none that is known.
  int64_t matter = 0;
  Day held_day = 0;   // When those affected learned of it.
  Day occur_day = 0;  // When it happened.
  Day due_day = 0;    // Of a promise; kNoDay for one without a date.
  ConductKind kind = ConductKind::kNone;
  Verdict verdict = Verdict::kDisputed;
  uint8_t standing = 0;   // Of a violation, at first.
  int16_t actor = -1;     // A number of the log; -1 for a joint act.
  int16_t affected = -1;  // The same; -1 for none or several.

  static constexpr Day kNoDay = std::numeric_limits<Day>::max();

  // The day from which it counts.
  Day day(bool hindsight) const { return hindsight ? occur_day : held_day; }
};

// What happened on one day, counted.
struct ConductTally {
  int32_t kept_on_time = 0, kept_late = 0, missed = 0;
  int32_t objectives_achieved = 0, objectives_missed = 0;
  int32_t reviews = 0, renewals = 0;
};

class ConductLog {
 public:
  // evidence is the log of the same partnership's evidence and outlives this one.
  ConductLog(std::string partnership, const EvidenceLog* evidence)
      : partnership_(std::move(partnership)), evidence_(*evidence) {}

  // Takes in the next event, before or after evidence does. Total: what means nothing here is passed over.
  void Apply(const trust::v1::Event& event);

  const std::string& partnership() const { return partnership_; }
  // In ascending order of revisions; void ones are of kind kNone.
  const std::vector<Conduct>& acts() const { return acts_; }
  // The revisions of the acts and resolutions of conflicts that are not void.
  const absl::btree_set<int64_t>& conflict_acts() const { return conflict_acts_; }
  const absl::btree_map<Day, ConductTally>& tallies(bool hindsight) const { return tallies_[hindsight ? 1 : 0]; }
  // The revision and the figures of the latest review of effectiveness up to a day; of several of one day the one of
  // the highest revision. Nothing when there was none. Logarithmic.
  std::pair<int64_t, const trust::v1::EffectivenessReviewed*> LastFiguresReview(Day as_of, bool hindsight) const;

  // The day of the last review held up to a day, in the held view. Logarithmic.
  std::optional<Day> LastReview(Day as_of) const;

  // The acts of all promises, conflicts and violations that may be open on a day in the held view, ascending by
  // revision; none of a matter that was settled before and of which nothing is heard afterwards. A matter is left out
  // only when it is settled by an outcome, a resolution or a verified remedy. Costs what it returns, a search for each,
  // and the acts of the matters of which anything was heard since it was asked last.
  std::vector<const Conduct*> ActsOfOpenMatters(Day day) const;

  // What trustor was said to think of trustee in the last health check up to a day that states it; of several of one
  // day in that of the highest revision. Logarithmic in what was ever stated.
  struct Stated {
    Day day = 0;
    int64_t revision = 0;
    int32_t basis_points = 0;
  };
  std::optional<Stated> LastStated(absl::string_view trustor, absl::string_view trustee, Day as_of,
                                   bool hindsight) const;

  // The act of a revision; null when there is none that counts.
  const Conduct* Find(int64_t revision) const;
  // The organization of a number; empty for -1.
  const std::string& Organization(int number) const;

  // Everyone who is a partner now, in ascending order.
  const absl::btree_set<std::string>& present_partners() const { return present_; }
  // The earliest first contact of any two partners, by its occurrence in both views.
  std::optional<Day> first_contact() const { return first_contact_; }
  // The day of the earliest ending.
  std::optional<Day> end(bool hindsight) const { return end_[hindsight ? 1 : 0]; }
  // The latest day on which anything takes effect in the held view, whether counted or not. 0 before the first event.
  Day latest_day() const { return latest_day_; }

  // As EvidenceLog's, which is loaded first.
  void Save(SnapshotWriter* writer) const;
  void Load(SnapshotReader* reader);

  // An estimate, in constant time.
  size_t memory_bytes() const;

 private:
  struct Matter {
    absl::InlinedVector<int64_t, 2> acts;  // Revisions.
    std::optional<Day> settled_from;       // As it stands in by_settling_; kNever when the matter may stay open.
    bool touched = false;
  };

  // The day from which on a matter is settled for good; kNever when it may stay open.
  Day SettledFrom(const Matter& matter) const;
  void ReckonTouched() const;
  void ApplyEvidence(const trust::v1::Event& event);
  void ApplyMilestone(const trust::v1::Event& event);
  // The act as it was recorded; of no kind when it counts for nothing.
  const Conduct& RootOf(int64_t revision);
  void Correct(const trust::v1::EvidenceCorrected& correction);
  void Retract(const trust::v1::EvidenceRetracted& retraction);
  // Puts an act in the place of its revision, the tallies included.
  void Put(const Conduct& act);
  void Count(const Conduct& act, int sign);
  // Notes the act under its matter, or takes the note away.
  void File(const Conduct& act, int sign) const;
  void Classify(const trust::v1::Evidence& evidence, Conduct* act);
  void TakeHealthCheck(const trust::v1::HealthCheckCompleted& check, const Conduct& act);
  int16_t Number(absl::string_view organization);
  int64_t Reference(absl::string_view reference) const;
  void LoadActs(SnapshotReader* reader);

  const std::string partnership_;
  const EvidenceLog& evidence_;
  std::vector<Conduct> acts_;
  absl::btree_set<int64_t> conflict_acts_;
  std::array<absl::btree_map<Day, ConductTally>, 2> tallies_;
  absl::flat_hash_map<int64_t, Conduct> roots_;  // Of evidence that has versions, as it was recorded.
  // Matters and, by the day from which on they are settled for good, which they are. Acts are only noted when they are
  // applied: most histories are folded without a question for what is open, which is when the days are reckoned.
  mutable absl::flat_hash_map<int64_t, Matter> matters_;
  mutable std::vector<int64_t> touched_;  // Whose day is to be reckoned.
  mutable absl::btree_set<std::pair<Day, int64_t>> by_settling_;
  absl::btree_set<Day> review_days_;
  absl::btree_map<int64_t, trust::v1::EffectivenessReviewed> figures_reviews_;  // By revision.
  std::array<absl::btree_set<std::pair<Day, int64_t>>, 2> figures_days_;        // Their days and revisions.
  size_t figures_bytes_ = 0;
  // What health checks state, in basis points: by trustor, trustee, day and revision.
  std::array<absl::btree_map<std::tuple<int16_t, int16_t, Day, int64_t>, int32_t>, 2> stated_;
  absl::flat_hash_map<std::string, int16_t> numbers_;
  std::vector<std::string> organizations_;
  absl::btree_set<std::string> present_;
  std::optional<Day> first_contact_;
  std::array<std::optional<Day>, 2> end_;
  Day latest_day_ = 0;
  mutable bool filed_ = true;  // Whether acts are noted in matters_; after Load not before somebody asks for them.
};

}  // namespace projections

#endif  // PROJECTIONS_CONDUCT_LOG_H_
