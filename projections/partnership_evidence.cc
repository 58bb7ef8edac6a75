#include "projections/partnership_evidence.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "projections/event_name.h"
#include "projections/evidence_reference.h"

namespace projections {
namespace {

using trust::v1::Event;
using trust::v1::Evidence;

// ---------------------------------------------------------------------------------------------------------------
// What evidence says of which matter.

bool IsConflictEvent(uint8_t kind) { return ReferentOf(static_cast<Evidence::KindCase>(kind)) == Referent::kConflict; }

// Whether an event of this kind begins a matter, or continues one that an earlier event began.
bool Founds(uint8_t kind) { return ReferentOf(static_cast<Evidence::KindCase>(kind)) != Referent::kNothing; }

// The revision of the matter that the evidence of this revision speaks of; 0 for none.
int64_t MatterOf(const Partnership& partnership, const Evidence& evidence, int64_t revision) {
  const absl::string_view reference = ReferenceOf(evidence).text;
  const int64_t own = ReferentOf(evidence.kind_case()) != Referent::kNothing ? revision : 0;
  if (reference.empty()) return own;
  return ParseEventName(partnership.id, reference).value_or(own);
}

// What evidence does to the standing of the violation that it speaks of.
std::optional<Verdict> VerdictIn(const Evidence& evidence) {
  if (evidence.has_violation_disputed()) return Verdict::kDisputed;
  if (evidence.has_violation_acknowledged()) return Verdict::kAcknowledged;
  if (evidence.has_allegation_withdrawn()) return Verdict::kWithdrawn;
  if (evidence.has_finding_issued()) return VerdictOf(evidence.finding_issued());
  return std::nullopt;
}

// ---------------------------------------------------------------------------------------------------------------
// Matters from statements.

// Adds to a sorted set.
void Add(std::vector<std::string>& set, const std::string& organization) {
  const auto place = std::lower_bound(set.begin(), set.end(), organization);
  if (place == set.end() || *place != organization) set.insert(place, organization);
}

void AddAll(std::vector<std::string>& set, const std::vector<std::string>& organizations) {
  for (const std::string& organization : organizations) Add(set, organization);
}

void ContinueConflict(Partnership& partnership, int64_t matter, const Statement& statement) {
  const auto [entry, is_new] = partnership.conflicts.try_emplace(matter);
  Conflict& conflict = entry->second;
  conflict.first_day = is_new ? statement.day : std::min(conflict.first_day, statement.day);
  conflict.last_day = is_new ? statement.day : std::max(conflict.last_day, statement.day);
  if (statement.kind != Evidence::kFormalDisputeOpened) return;
  conflict.last_dispute_day = std::max(conflict.last_dispute_day.value_or(statement.day), statement.day);
}

trust::v1::Standing FoldStanding(const Violation& violation) {
  trust::v1::Standing standing = violation.initial;
  for (const StandingChange& change : violation.changes) standing = StandingAfter(standing, change.verdict);
  return standing;
}

void ContinueViolation(Partnership& partnership, int64_t matter, int64_t revision, const Statement& statement) {
  const auto said = partnership.reports.find(revision);
  if (said == partnership.reports.end()) return;
  const Report& report = said->second;
  const auto [entry, is_new] = partnership.violations.try_emplace(matter);
  Violation& violation = entry->second;
  if (is_new) {
    violation.day = statement.day;
    violation.standing = violation.initial = statement.first_standing;
  }
  if (report.actor == "*") {
    AddAll(violation.accused, report.affected);
  } else {
    Add(violation.accused, report.actor);
  }
  AddAll(violation.affected, report.affected);
  AddAll(violation.witnesses, report.witnesses);
  if (!report.recorder.empty()) Add(violation.accusers, report.recorder);
}

// Whether the standing is that after all changes again; otherwise it is to be folded anew.
bool ChangeStanding(Violation& violation, Day own_day, Verdict verdict) {
  const StandingChange change = {std::max(own_day, violation.day), own_day, verdict};
  const auto order = [](const StandingChange& a, const StandingChange& b) {
    return std::tie(a.day, a.own_day, a.verdict) < std::tie(b.day, b.own_day, b.verdict);
  };
  const auto place = std::upper_bound(violation.changes.begin(), violation.changes.end(), change, order);
  const bool is_last = place == violation.changes.end();
  violation.changes.insert(place, change);
  if (is_last) violation.standing = StandingAfter(violation.standing, verdict);
  return is_last;
}

// The same.
bool ApplyToViolation(Violation& violation, const Statement& statement) {
  if (statement.kind == Evidence::kViolationAcknowledged) {
    violation.acknowledged = true;
  } else if (statement.kind == Evidence::kApologyIssued) {
    violation.apologized = true;
  } else if (statement.kind == Evidence::kRemediationCompleted) {
    violation.remediation_completed = true;
  } else if (statement.kind == Evidence::kRemediationVerified && !statement.is_void) {
    violation.remediation_verified = true;
  }
  return !statement.verdict.has_value() || ChangeStanding(violation, statement.day, *statement.verdict);
}

void ApplyToCommitment(Commitment& commitment, int64_t revision, const Statement& statement) {
  if (statement.kind == Evidence::kCommitmentRenegotiated) {
    commitment.due_time.reset();
    if (statement.due_time != absl::InfiniteFuture()) commitment.due_time = statement.due_time;
  } else if (statement.kind == Evidence::kCommitmentFulfilled || statement.kind == Evidence::kCommitmentMissed ||
             statement.kind == Evidence::kCommitmentWaived) {
    if (commitment.outcome == 0) commitment.outcome = revision;
  }
}

// A statement that begins or continues a matter.
void Found(Partnership& partnership, int64_t matter, int64_t revision, const Statement& statement) {
  if (IsConflictEvent(statement.kind)) ContinueConflict(partnership, matter, statement);
  if (statement.kind == Evidence::kViolationReported) ContinueViolation(partnership, matter, revision, statement);
}

// A statement about a matter that others began; nothing while none has. Whether the matter's standing, if it has one,
// is that after all changes again.
bool Apply(Partnership& partnership, int64_t matter, int64_t revision, const Statement& statement) {
  if (const auto commitment = partnership.commitments.find(matter); commitment != partnership.commitments.end()) {
    ApplyToCommitment(commitment->second, revision, statement);
  }
  const auto conflict = partnership.conflicts.find(matter);
  if (conflict != partnership.conflicts.end() && statement.kind == Evidence::kConflictResolved) {
    conflict->second.resolved_day = std::max(conflict->second.resolved_day.value_or(statement.day), statement.day);
  }
  const auto violation = partnership.violations.find(matter);
  return violation == partnership.violations.end() || ApplyToViolation(violation->second, statement);
}

void SettleStanding(Partnership& partnership, int64_t matter) {
  const auto violation = partnership.violations.find(matter);
  if (violation != partnership.violations.end()) violation->second.standing = FoldStanding(violation->second);
}

// Makes a matter anew from all that is said of it.
void Remake(Partnership& partnership, int64_t matter) {
  partnership.conflicts.erase(matter);
  partnership.violations.erase(matter);
  if (const auto commitment = partnership.commitments.find(matter); commitment != partnership.commitments.end()) {
    commitment->second.due_time = commitment->second.promised_time;
    commitment->second.outcome = 0;
  }
  const auto begin = partnership.statements.lower_bound({matter, std::numeric_limits<int64_t>::min()});
  for (auto at = begin; at != partnership.statements.end() && at->first.first == matter; ++at) {
    if (Founds(at->second.kind)) Found(partnership, matter, at->first.second, at->second);
  }
  for (auto at = begin; at != partnership.statements.end() && at->first.first == matter; ++at) {
    if (!Founds(at->second.kind)) Apply(partnership, matter, at->first.second, at->second);
  }
  SettleStanding(partnership, matter);
}

// ---------------------------------------------------------------------------------------------------------------
// Versions.

// Takes back what the version in force said. Returns its matter.
int64_t Unsay(Partnership& partnership, EvidenceRecord& record, int64_t revision) {
  const int64_t matter = std::exchange(record.matter, 0);
  record.kind_in_force = 0;
  if (matter == 0) return 0;
  partnership.statements.erase({matter, revision});
  partnership.reports.erase(revision);
  if (matter == revision) partnership.commitments.erase(revision);
  return matter;
}

// Takes in what a version says. Returns its matter.
int64_t Say(Partnership& partnership, EvidenceRecord& record, int64_t revision, const Evidence& evidence, Day day) {
  record.kind_in_force = static_cast<uint8_t>(evidence.kind_case());
  record.actor_in_force = NumberOf(partnership, evidence.actor());
  record.matter = MatterOf(partnership, evidence, revision);
  if (record.matter == 0) return 0;
  Statement statement;
  statement.kind = record.kind_in_force;
  statement.day = day;
  statement.verdict = VerdictIn(evidence);
  if (evidence.has_violation_reported()) statement.first_standing = FirstStandingOf(evidence.violation_reported());
  statement.is_void = evidence.has_remediation_verified() && IsVoidVerification(evidence);
  if (evidence.commitment_renegotiated().has_due_time()) {
    statement.due_time = ToTime(evidence.commitment_renegotiated().due_time());
  }
  if (evidence.has_commitment_made()) {
    Commitment commitment;
    commitment.promisor = evidence.actor();
    commitment.beneficiaries.assign(evidence.affected().begin(), evidence.affected().end());
    if (evidence.commitment_made().has_due_time()) {
      commitment.promised_time = ToTime(evidence.commitment_made().due_time());
    }
    commitment.due_time = commitment.promised_time;
    partnership.commitments.insert_or_assign(revision, std::move(commitment));
  } else if (evidence.has_violation_reported()) {
    partnership.reports[revision] = {NameOf(partnership, record.recorder),
                                     evidence.actor(),
                                     {evidence.affected().begin(), evidence.affected().end()},
                                     {evidence.witnesses().begin(), evidence.witnesses().end()}};
  }
  partnership.statements[{record.matter, revision}] = statement;
  return record.matter;
}

// Keeps what evidence said as it was recorded, before another version takes its place.
void KeepRoot(Partnership& partnership, const EvidenceRecord& record, int64_t revision) {
  const auto [entry, is_new] = partnership.roots.try_emplace(revision);
  if (!is_new) return;
  RootStatement& root = entry->second;
  root.kind = record.kind_in_force;
  root.actor = record.actor_in_force;
  root.matter = record.matter;
  if (record.matter == 0) return;
  root.statement = partnership.statements.at({record.matter, revision});
  const auto commitment = partnership.commitments.find(revision);
  if (commitment != partnership.commitments.end()) root.commitment = commitment->second;
  const auto report = partnership.reports.find(revision);
  if (report != partnership.reports.end()) root.report = report->second;
}

// Says again what was recorded, on a corrected day. Returns its matter. REQUIRES: the root is kept.
int64_t SayRoot(Partnership& partnership, EvidenceRecord& record, int64_t revision, Day day) {
  const RootStatement& root = partnership.roots.at(revision);
  record.kind_in_force = root.kind;
  record.actor_in_force = root.actor;
  record.matter = root.matter;
  if (root.matter == 0) return 0;
  Statement& statement = partnership.statements[{root.matter, revision}];
  statement = root.statement;
  statement.day = day;
  // What others say of the promise is reckoned when its matter is made anew.
  if (root.commitment.has_value()) partnership.commitments.insert_or_assign(revision, *root.commitment);
  if (root.report.has_value()) partnership.reports.insert_or_assign(revision, *root.report);
  return root.matter;
}

EventDays RecordDays(const EvidenceRecord& record) {
  EventDays days;
  days.occur =
      RepresentativeDay(record.occur_time, static_cast<trust::v1::TimePrecision>(record.precision), record.known_day);
  if (record.observe_time != absl::InfinitePast()) days.observe = DayOf(record.observe_time);
  days.known = record.known_day;
  return days;
}

bool IsFirstWord(const Partnership& partnership, int64_t matter, int64_t revision) {
  const auto begin = partnership.statements.lower_bound({matter, std::numeric_limits<int64_t>::min()});
  return begin->first == std::pair(matter, revision);
}

bool IsLastWord(const Partnership& partnership, int64_t matter, int64_t revision) {
  const auto after = partnership.statements.upper_bound({matter, revision});
  return after == partnership.statements.end() || after->first.first != matter;
}

bool IsBegun(const Partnership& partnership, int64_t matter, uint8_t kind) {
  return IsConflictEvent(kind) ? partnership.conflicts.contains(matter)
                               : kind == Evidence::kViolationReported && partnership.violations.contains(matter);
}

// Brings the matter up to date with a statement just added. What comes in order, as nearly all does, needs no remaking.
void TakeIn(Partnership& partnership, int64_t matter, int64_t revision) {
  if (matter == 0) return;
  const Statement& statement = partnership.statements.at({matter, revision});
  const bool founds = Founds(statement.kind);
  const bool in_order =
      IsLastWord(partnership, matter, revision) &&
      (!founds || IsFirstWord(partnership, matter, revision) || IsBegun(partnership, matter, statement.kind));
  if (!in_order) return Remake(partnership, matter);
  if (founds) return Found(partnership, matter, revision, statement);
  if (!Apply(partnership, matter, revision, statement)) SettleStanding(partnership, matter);
}

}  // namespace

int32_t NumberOf(Partnership& partnership, const std::string& name) {
  const auto [entry, is_new] =
      partnership.name_numbers.try_emplace(name, static_cast<int32_t>(partnership.names.size()));
  if (is_new) partnership.names.push_back(name);
  return entry->second;
}

void AddEvidence(Partnership& partnership, const Event& event, int64_t revision) {
  const Evidence& evidence = event.evidence();
  const auto known = partnership.evidence.find(revision);
  if (known != partnership.evidence.end()) {
    partnership.roots.erase(revision);
    if (const int64_t left = Unsay(partnership, known->second, revision); left != 0) Remake(partnership, left);
  }
  EvidenceRecord record;
  record.occur_time = ToTime(event.occur_time());
  if (event.has_observe_time()) record.observe_time = ToTime(event.observe_time());
  record.precision = static_cast<uint8_t>(event.occur_time_precision());
  record.known_day = DayOf(KnownTime(event));
  record.recorder = NumberOf(partnership, event.recorder());
  record.actor = NumberOf(partnership, evidence.actor());
  record.kind = static_cast<uint8_t>(evidence.kind_case());
  record.source = static_cast<uint8_t>(evidence.source());
  record.imported = event.has_import_origin();
  const int64_t matter = Say(partnership, record, revision, evidence, HeldDay(event));
  partnership.evidence.insert_or_assign(revision, record);
  TakeIn(partnership, matter, revision);
}

void CorrectEvidence(Partnership& partnership, const Event& event, int64_t revision) {
  const trust::v1::EvidenceCorrected& correction = event.evidence_corrected();
  const std::optional<int64_t> root = ParseEventName(partnership.id, correction.event());
  const auto found = root ? partnership.evidence.find(*root) : partnership.evidence.end();
  if (found == partnership.evidence.end() || found->second.version > revision) return;
  EvidenceRecord& record = found->second;
  KeepRoot(partnership, record, *root);
  const int64_t left = Unsay(partnership, record, *root);
  record.version = revision;
  const Day day = Corrected(RecordDays(record), correction).held();
  const int64_t joined = CorrectsTimesAlone(correction)
                             ? SayRoot(partnership, record, *root, day)
                             : Say(partnership, record, *root, correction.replacement(), day);
  if (left != 0) Remake(partnership, left);
  if (joined != 0 && joined != left) Remake(partnership, joined);
}

void VoidEvidence(Partnership& partnership, absl::string_view name, int64_t revision) {
  const std::optional<int64_t> root = ParseEventName(partnership.id, name);
  const auto found = root ? partnership.evidence.find(*root) : partnership.evidence.end();
  if (found == partnership.evidence.end() || found->second.version > revision) return;
  KeepRoot(partnership, found->second, *root);
  const int64_t left = Unsay(partnership, found->second, *root);
  found->second.version = revision;
  if (left != 0) Remake(partnership, left);
}

Partnership ExcerptWithout(const Partnership& partnership, int64_t revision, int64_t matter,
                           const std::vector<std::string>& contacts) {
  Partnership excerpt;
  excerpt.id = partnership.id;
  excerpt.partners = partnership.partners;
  excerpt.initial_contact_time = partnership.initial_contact_time;
  excerpt.state = partnership.state;
  excerpt.end_time = partnership.end_time;
  excerpt.end_day = partnership.end_day;
  excerpt.revision = partnership.revision;
  for (const std::string& contact : contacts) {
    auto at = partnership.contacts.lower_bound({contact, std::numeric_limits<int64_t>::min()});
    for (; at != partnership.contacts.end() && at->first == contact; ++at) {
      excerpt.contacts.insert(*at);
      excerpt.contact_events.insert(*partnership.contact_events.find(at->second));
    }
  }
  if (matter == 0) return excerpt;
  const auto keep = [matter](const auto& from, auto& to) {
    const auto found = from.find(matter);
    if (found != from.end()) to.insert(*found);
  };
  if (matter != revision) keep(partnership.commitments, excerpt.commitments);
  keep(partnership.evidence, excerpt.evidence);
  auto at = partnership.statements.lower_bound({matter, std::numeric_limits<int64_t>::min()});
  for (; at != partnership.statements.end() && at->first.first == matter; ++at) {
    if (at->first.second == revision) continue;
    excerpt.statements.insert(*at);
    const auto report = partnership.reports.find(at->first.second);
    if (report != partnership.reports.end()) excerpt.reports.insert(*report);
  }
  Remake(excerpt, matter);
  return excerpt;
}

}  // namespace projections
