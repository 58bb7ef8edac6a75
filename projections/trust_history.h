// The trust in a partnership as a fold of its events: how far each partner trusts each other one, on any day, and how
// it came to be. In the held view an event takes effect on the day those affected learned of it; in hindsight on the
// day it happened, and violations have the standing finally known. What was not known by some time is not applied: that
// cut is the caller's. The same events, policy and view give the same bytes, however reads and events are interleaved.
// Not thread-safe; reads are cheap because they remember, hence not const.

#ifndef PROJECTIONS_TRUST_HISTORY_H_
#define PROJECTIONS_TRUST_HISTORY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "projections/conduct_log.h"
#include "projections/day.h"
#include "projections/direction_ledger.h"
#include "projections/direction_reading.h"
#include "projections/direction_walk.h"
#include "projections/evidence_log.h"
#include "projections/facet_mass.h"
#include "projections/policy.h"
#include "projections/silent_change.h"
#include "projections/snapshot_bytes.h"
#include "trust/v1/events.pb.h"
#include "trust/v1/reading.pb.h"

namespace projections {

class Explainer;

// A stage and the first day of it.
struct StageStep {
  Day day = 0;
  int stage = 0;

  friend bool operator==(const StageStep& a, const StageStep& b) { return a.day == b.day && a.stage == b.stage; }
};

// Events that this program does not know, written by a newer one. Without effect on any reading.
struct UnknownEvents {
  int64_t count = 0;
  std::vector<int64_t> revisions;  // The first ones.

  static constexpr size_t kRevisionsMax = 100;
};

class TrustHistory {
 public:
  // What is taken in of events: what trust is read from, and also what is counted beside it (conduct()), or not.
  enum class Takes { kAll, kTrustAlone };

  // `partnership` is the id that events are named by. The policy is shared: several histories are read under the same
  // one. A view that is not said is the held one.
  TrustHistory(std::string partnership, std::shared_ptr<const Policy> policy,
               trust::v1::View view = trust::v1::VIEW_HELD, Takes takes = Takes::kAll);
  // The history that Save was called of, with nothing left to gather when its policy had the same name. Whatever is
  // applied and read from here on, the answers are those of a history that applied all events. Null when the bytes were
  // not written by Save, of this program, for this partnership, view and takes; bytes that were changed in a way that
  // leaves them well-formed give another history.
  static std::unique_ptr<TrustHistory> Restore(absl::string_view bytes, const std::string& partnership,
                                               std::shared_ptr<const Policy> policy, absl::string_view policy_name,
                                               trust::v1::View view = trust::v1::VIEW_HELD, Takes takes = Takes::kAll);
  TrustHistory(const TrustHistory&) = delete;
  TrustHistory& operator=(const TrustHistory&) = delete;

  // Takes in the next event, in the order of revisions. Total: accepts every event and never judges; what means nothing
  // here is passed over. Evaluates nothing.
  void Apply(const trust::v1::Event& event);

  // Judges by another policy from here on: the readings are those of a history made under it. Costs nothing until the
  // next reading, which walks again.
  void JudgeBy(std::shared_ptr<const Policy> policy);
  const std::shared_ptr<const Policy>& policy() const { return policy_; }

  const std::string& partnership() const { return log_.partnership(); }

  // The revision of the last event applied; 0 before the first.
  int64_t revision() const { return revision_; }
  // The latest day on which something became known so far: the as-of day of a reading "after this revision". 0 before
  // the first event.
  Day latest_record_day() const { return latest_record_day_.value_or(0); }
  // All organizations that ever joined, in ascending order.
  const std::vector<std::string>& partners() const { return partners_; }
  bool HasPartner(absl::string_view organization) const;

  // How far trustor trusts trustee on a day, inclusive: what takes effect later does not count yet. Before the two met,
  // a reading without a stage. Without with_holds_until the reading lacks holds_until_date and stage_after, and costs
  // less. REQUIRES: both are partners and differ.
  trust::v1::DirectionReading Read(absl::string_view trustor, absl::string_view trustee, Day as_of,
                                   bool with_holds_until = true);

  // Every change of stage up to a day, inclusive, in ascending order of days. Empty before the two met.
  // REQUIRES: as for Read.
  std::vector<trust::v1::Transition> Timeline(absl::string_view trustor, absl::string_view trustee, Day as_of);

  // The days and stages of that timeline alone, for comparing; costs no rendering. REQUIRES: as for Read.
  std::vector<StageStep> StagePath(absl::string_view trustor, absl::string_view trustee, Day as_of);

  // All partners together, however many. holds_until_date is the last day before the stage falls if nothing more
  // happens but that ties come of age; empty when it never does, when no tie is assessed, and from the end on. A tie is
  // forming, and not assessed, until its two partners have met and 180 days have passed since either of them joined, if
  // that was after the partnership's first day. Reads each required tie in both directions. (Specification, 7.10 and
  // C14.)
  trust::v1::PartnershipReading ReadWhole(Day as_of);

  // When stage or condition of a direction change for the first time after a day if nothing more happens; nothing when
  // they never do, before the two met and after the end. REQUIRES: as for Read.
  std::optional<SilentChange> NextChange(absl::string_view trustor, absl::string_view trustee, Day as_of);

  // What was passed over because it is not known: events, evidence, milestones and replacements of evidence of no kind
  // that this program has.
  const UnknownEvents& unknown_events() const { return unknown_; }

  // The masses that a reading's scores are made of, in milli-units times 2^30, in the order of the facets.
  // REQUIRES: as for Read.
  FacetMasses ReadMasses(absl::string_view trustor, absl::string_view trustee, Day as_of);

  // In which facets more than half of what speaks for the trustee is its own word. REQUIRES: as for Read.
  std::array<bool, kFacetCount> ReadOneSided(absl::string_view trustor, absl::string_view trustee, Day as_of);

  // What is counted beside what is weighed; empty in a history that takes in what trust is read from alone.
  const ConductLog& conduct() const { return conduct_; }

  // All that the events came to, so that they need not be applied again: what was gathered for the directions read so
  // far included, what was walked left out. policy_name tells the history's policy from others. The same events and
  // reads in the same order give the same bytes.
  std::string Save(absl::string_view policy_name) const;

  // An estimate of the memory held, for a cache's accounts. Costs time that grows with the directions read, not with
  // the events.
  size_t memory_bytes() const;
  // Another number whenever a reading made the history hold more: then a cache accounts for it anew.
  uint64_t times_grown_by_reading() const { return times_grown_by_reading_; }

 private:
  friend class Explainer;

  using Pair = std::pair<int, int>;

  // What the answer of Read hangs on, for one direction under one policy.
  struct Question {
    int64_t revision = 0;
    Day as_of = 0;
    bool with_holds_until = false;

    friend bool operator==(const Question& a, const Question& b) {
      return a.revision == b.revision && a.as_of == b.as_of && a.with_holds_until == b.with_holds_until;
    }
  };

  // One direction, made when it is first read.
  struct Direction {
    Direction(const Policy* policy, const EvidenceLog* log, Pair pair, Day first_contact)
        : ledger(policy, log, pair.first, pair.second, first_contact), walk(policy, &ledger) {}

    DirectionLedger ledger;
    DirectionWalk walk;
    std::optional<Question> asked;                      // Last.
    std::optional<trust::v1::DirectionReading> answer;  // Of asked, from the second time on that it was.
  };

  // A direction on a day. No walk before the two met.
  struct Sight {
    const DirectionLedger* ledger = nullptr;
    const DirectionWalk* walk = nullptr;
    std::unique_ptr<DirectionWalk> past;  // What walk points to when the day lies before the last one walked.
    DirectionState state;
    Ending ending = Ending::kOpen;
  };

  // A required tie: both directions, and the first day on which they are assessed.
  struct TieSight {
    Day assessed_from = 0;
    Sight there, back;
  };

  void Join(const trust::v1::Partner& partner);
  void Meet(const trust::v1::InitialContactMade& contact, Day day);
  void Declare(const trust::v1::TieDeclared& tie, Day day);
  void CountUnknown();
  std::optional<Day> FirstContact(Pair pair) const;
  Day EndOf(Pair pair) const;
  Direction& Refresh(Pair pair, Day first_contact);
  Sight Look(absl::string_view trustor, absl::string_view trustee, Day as_of);
  Sight Look(Pair pair, Day as_of);

  void SaveStructure(SnapshotWriter* writer) const;
  void LoadStructure(SnapshotReader* reader);
  void LoadDirections(SnapshotReader* reader);

  trust::v1::DirectionReading Render(const Sight& sight) const;
  trust::v1::DirectionReading ReadAnew(Pair pair, absl::string_view trustor, absl::string_view trustee,
                                       const Question& question);

  // For ReadWhole, in trust_history_whole.cc.
  std::vector<std::string> MembersOn(Day day) const;
  std::vector<Pair> RequiredTies(const std::vector<std::string>& members, Day day);
  std::set<Pair> PossibleTies() const;
  bool IsObserved(Pair pair, Day day);
  Day AssessedFrom(Pair pair) const;

  std::shared_ptr<const Policy> policy_;
  const trust::v1::View view_;
  EvidenceLog log_;
  ConductLog conduct_;
  const Takes takes_;
  int64_t revision_ = 0;
  std::optional<Day> latest_record_day_;
  std::vector<std::string> partners_;
  std::optional<Day> founding_day_;                // The first day of the partnership.
  absl::flat_hash_map<Pair, Day> first_contacts_;  // By the lower number, then the higher.
  absl::flat_hash_map<Pair, Day> declared_;        // The same.
  absl::flat_hash_set<int> founders_;
  absl::flat_hash_map<int, Day> joined_, left_;
  Day terminated_ = kNever;
  UnknownEvents unknown_;
  absl::flat_hash_map<Pair, std::unique_ptr<Direction>> directions_;  // By trustor, then trustee.
  uint64_t times_grown_by_reading_ = 0;
};

}  // namespace projections

#endif  // PROJECTIONS_TRUST_HISTORY_H_
