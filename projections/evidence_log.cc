#include "projections/evidence_log.h"

#include <algorithm>
#include <utility>

#include "projections/event_name.h"
#include "projections/policy.h"

namespace projections {
namespace {

using trust::v1::Evidence;

// The enum's number, or the default in the place of UNSPECIFIED and of numbers this program does not know.
uint8_t OrDefault(int value, int max, int otherwise) {
  return static_cast<uint8_t>(value >= 1 && value <= max ? value : otherwise);
}

// As above where UNSPECIFIED has no default and names no row.
uint8_t OrNone(int value, int max) { return OrDefault(value, max, 0); }

uint8_t Point(int rating) { return static_cast<uint8_t>(std::clamp(rating, 1, 5) - 1); }

// Fills in what depends on the kind.
class Classifier {
 public:
  Classifier(absl::string_view partnership, const Evidence& evidence, Record* record)
      : partnership_(partnership), evidence_(evidence), record_(*record) {}

  // False when the evidence can never weigh anything.
  bool Classify();

 private:
  int64_t Revision(absl::string_view reference) const { return ParseEventName(partnership_, reference).value_or(0); }

  bool Act(int variant = 0) {
    record_.role = RecordRole::kAct;
    record_.variant = static_cast<uint8_t>(variant);
    return true;
  }

  bool ConflictAct(absl::string_view conflict) {
    record_.role = RecordRole::kConflictAct;
    record_.matter = conflict.empty() ? record_.revision : Revision(conflict);
    return true;
  }

  bool Decide(Verdict verdict, absl::string_view violation) {
    record_.role = RecordRole::kVerdict;
    record_.verdict = verdict;
    record_.matter = Revision(violation);
    return record_.matter != 0;
  }

  bool Repair(RepairKind kind, absl::string_view violation) {
    record_.role = RecordRole::kRepair;
    record_.repair = static_cast<uint8_t>(kind);
    record_.matter = Revision(violation);
    return record_.matter != 0;
  }

  bool Report(const trust::v1::ViolationReported& report) {
    record_.role = RecordRole::kViolation;
    record_.variant = static_cast<uint8_t>(ViolationTypeOf(report));
    record_.severity = OrDefault(report.severity(), trust::v1::SEVERITY_CRITICAL, trust::v1::SEVERITY_MODERATE);
    record_.standing = static_cast<uint8_t>(FirstStandingOf(report));
    record_.deception = report.deception() || report.type() == trust::v1::VIOLATION_TYPE_DECEPTION;
    record_.matter = report.violation().empty() ? record_.revision : Revision(report.violation());
    return true;
  }

  bool Find(const trust::v1::FindingIssued& finding) {
    const std::optional<Verdict> verdict = VerdictOf(finding);
    return verdict.has_value() && Decide(*verdict, finding.violation());
  }

  const absl::string_view partnership_;
  const Evidence& evidence_;
  Record& record_;
};

bool Classifier::Classify() {
  switch (evidence_.kind_case()) {
    case Evidence::kCredibilityAssessed:
      return Act(OrDefault(evidence_.credibility_assessed().result(), 2, trust::v1::CREDIBILITY_RESULT_SUPPORTED));
    case Evidence::kReputationReferenceReceived:
      return Act(
          OrDefault(evidence_.reputation_reference_received().result(), 2, trust::v1::CREDIBILITY_RESULT_SUPPORTED));
    case Evidence::kIntentionsAssessed:
      return Act(OrDefault(evidence_.intentions_assessed().result(), 2, trust::v1::INTENTIONS_RESULT_ALIGNED));
    case Evidence::kCommitmentFulfilled:
      return Act(OrDefault(evidence_.commitment_fulfilled().result(), 3, trust::v1::FULFILMENT_RESULT_ON_TIME));
    case Evidence::kCredentialsVerified:
    case Evidence::kConfidentialityAgreementSigned:
    case Evidence::kPriorTieAttested:
    case Evidence::kIntentionsDeclared:
    case Evidence::kCredentialsPresented:
    case Evidence::kSharedExperienceHeld:
    case Evidence::kOpenCommunicationObserved:
    case Evidence::kMutualUnderstandingConfirmed:
    case Evidence::kInformationWithheld:
    case Evidence::kMisunderstandingReported:
    case Evidence::kMisunderstandingClarified:
    case Evidence::kCommitmentMade:
    case Evidence::kCommitmentMissed:
    case Evidence::kCommitmentRenegotiated:
    case Evidence::kCommitmentWaived:
    case Evidence::kPartnerGoalSupported:
    case Evidence::kConsistencyObserved:
    case Evidence::kInconsistencyObserved:
    case Evidence::kSharedObjectiveAgreed:
    case Evidence::kSharedObjectiveAchieved:
    case Evidence::kSharedObjectiveMissed:
    case Evidence::kTransparencyDemonstrated:
    case Evidence::kFeedbackRequested:
    case Evidence::kFeedbackGiven:
    case Evidence::kFeedbackActedOn:
    case Evidence::kFeedbackIgnored:
    case Evidence::kChangeInCircumstancesNotified:
    case Evidence::kAdaptationMade:
    case Evidence::kAdaptationRefused:
    case Evidence::kRelationshipInvestmentMade:
    case Evidence::kPartnershipRenewed:
    case Evidence::kExplanationProvided:
    case Evidence::kRemediationCommitted:
    case Evidence::kCompensationPaid:
    case Evidence::kViolationClosed:
      return Act();
    case Evidence::kConflictRaised:
      return ConflictAct("");
    case Evidence::kConflictEscalated:
      return ConflictAct(evidence_.conflict_escalated().conflict());
    case Evidence::kFormalDisputeOpened:
      return ConflictAct(evidence_.formal_dispute_opened().conflict());
    case Evidence::kConflictResolved:
      record_.role = RecordRole::kResolution;
      record_.variant = OrNone(evidence_.conflict_resolved().mode(), trust::v1::RESOLUTION_MODE_AVOIDED);
      record_.matter = Revision(evidence_.conflict_resolved().conflict());
      return record_.matter != 0;
    case Evidence::kViolationReported:
      return Report(evidence_.violation_reported());
    case Evidence::kViolationDisputed:
      return Decide(Verdict::kDisputed, evidence_.violation_disputed().violation());
    case Evidence::kAllegationWithdrawn:
      return Decide(Verdict::kWithdrawn, evidence_.allegation_withdrawn().violation());
    case Evidence::kFindingIssued:
      return Find(evidence_.finding_issued());
    case Evidence::kViolationAcknowledged:
      record_.role = RecordRole::kAcknowledgement;
      record_.verdict = Verdict::kAcknowledged;
      record_.repair = static_cast<uint8_t>(RepairKind::kAcknowledged);
      record_.matter = Revision(evidence_.violation_acknowledged().violation());
      return record_.matter != 0;
    case Evidence::kApologyIssued:
      return Repair(RepairKind::kApology, evidence_.apology_issued().violation());
    case Evidence::kRemediationCompleted:
      return Repair(RepairKind::kCompleted, evidence_.remediation_completed().violation());
    case Evidence::kRemediationVerified:
      return Repair(RepairKind::kVerified, evidence_.remediation_verified().violation());
    case Evidence::kInterpersonalTrustAttested:
      record_.role = RecordRole::kAttestation;
      record_.interpersonal = true;
      record_.points = static_cast<uint8_t>(Point(evidence_.interpersonal_trust_attested().reliability()) +
                                            Point(evidence_.interpersonal_trust_attested().integrity()));
      return true;
    case Evidence::KIND_NOT_SET:
      return false;
  }
  return false;
}

}  // namespace

// ---- Events

void EvidenceLog::Append(const trust::v1::Event& event) {
  Record record;
  record.revision = event.revision();
  if (event.has_evidence_confirmed()) {
    record.matter = ParseEventName(partnership_, event.evidence_confirmed().event()).value_or(0);
    record.role = RecordRole::kConfirmation;
    cast_key_ = {Number(event.recorder()), 0};
    record.cast = CastOfKey();
  } else if (event.has_contact_departed()) {
    record.contacts = ContactsOf(event.contact_departed().contact(), "");
    record.role = RecordRole::kDeparture;
    cast_key_ = {Number(event.recorder()), 0};
    record.cast = CastOfKey();
  } else {
    record = Compile(event.revision(), event.evidence());
  }
  const EventDays days = DaysOf(event);
  record.day = EffectDay(days);
  const auto version = versions_.empty() ? versions_.end() : versions_.find(record.revision);
  if (version != versions_.end()) {
    version->second.root = record;
    version->second.root_days = days;
    version->second.has_root = true;
    record = Derive(version->second);
  }
  records_.push_back(record);
  days_.push_back(days);
  Index(static_cast<uint32_t>(records_.size() - 1));
}

void EvidenceLog::Revise(const trust::v1::Event& event) {
  const bool corrects = event.has_evidence_corrected();
  const std::optional<int64_t> root =
      ParseEventName(partnership_, corrects ? event.evidence_corrected().event() : event.evidence_retracted().event());
  if (!root.has_value()) return;
  Version& version = versions_[*root];
  const absl::Time known = KnownTime(event);
  if (std::make_pair(known, event.revision()) < std::make_pair(version.known, version.revision)) return;
  version.known = known;
  version.revision = event.revision();
  if (version.correction != nullptr) correction_bytes_ -= version.correction->SpaceUsedLong();
  version.correction =
      corrects ? std::make_shared<const trust::v1::EvidenceCorrected>(event.evidence_corrected()) : nullptr;
  if (version.correction != nullptr) correction_bytes_ += version.correction->SpaceUsedLong();
  const std::optional<uint32_t> index = Find(*root);
  if (!index.has_value()) return;
  if (!version.has_root) {
    version.root = records_[*index];
    version.root_days = days_[*index];
    version.has_root = true;
  }
  Unindex(*index);
  records_[*index] = Derive(version);
  Index(*index);
  ++generation_;
}

Record EvidenceLog::Compile(int64_t revision, const Evidence& evidence) {
  Record record;
  record.revision = revision;
  record.kind = static_cast<int16_t>(evidence.kind_case());
  record.interpersonal = evidence.level() == trust::v1::LEVEL_INTERPERSONAL;
  record.source = OrDefault(evidence.source(), trust::v1::SOURCE_SYSTEM, trust::v1::SOURCE_COUNTERPART);
  record.materiality =
      OrDefault(evidence.materiality(), trust::v1::MATERIALITY_CRITICAL, trust::v1::MATERIALITY_MEDIUM);
  if (!Classifier(partnership_, evidence, &record).Classify()) record.role = RecordRole::kNothing;
  record.cast = CastOf(evidence);
  if (record.interpersonal) record.contacts = ContactsOf(evidence.actor_contact(), evidence.affected_contact());
  return record;
}

// The record of the version in force. REQUIRES: version.has_root.
Record EvidenceLog::Derive(const Version& version) {
  Record record = version.root;
  if (version.correction == nullptr) {
    record.role = RecordRole::kNothing;
    return record;
  }
  const trust::v1::EvidenceCorrected& correction = *version.correction;
  const bool about_evidence = record.role == RecordRole::kConfirmation || record.role == RecordRole::kDeparture;
  if (!about_evidence && !CorrectsTimesAlone(correction)) record = Compile(record.revision, correction.replacement());
  record.day = EffectDay(Corrected(version.root_days, correction));
  return record;
}

// ---- What confirms and who left

void EvidenceLog::Index(uint32_t record) {
  const Record& entry = records_[record];
  if (entry.role == RecordRole::kConfirmation) confirmations_[entry.matter].push_back(record);
  if (entry.role != RecordRole::kDeparture || entry.contacts == 0) return;
  const size_t contact = static_cast<size_t>(contact_pairs_[entry.contacts].other);
  if (contact >= departures_.size()) departures_.resize(contact + 1);
  departures_[contact].push_back(record);
  ++departure_count_;
}

void EvidenceLog::Unindex(uint32_t record) {
  const Record& entry = records_[record];
  const auto remove = [record](std::vector<uint32_t>& list) {
    list.erase(std::remove(list.begin(), list.end(), record), list.end());
  };
  if (entry.role == RecordRole::kConfirmation) remove(confirmations_[entry.matter]);
  if (entry.role == RecordRole::kDeparture && entry.contacts != 0) {
    remove(departures_[static_cast<size_t>(contact_pairs_[entry.contacts].other)]);
  }
}

std::optional<uint32_t> EvidenceLog::Find(int64_t revision) const {
  const auto found = std::lower_bound(records_.begin(), records_.end(), revision,
                                      [](const Record& record, int64_t wanted) { return record.revision < wanted; });
  if (found == records_.end() || found->revision != revision) return std::nullopt;
  return static_cast<uint32_t>(found - records_.begin());
}

std::optional<EventDays> EvidenceLog::DaysAsRecorded(int64_t revision) const {
  const std::optional<uint32_t> index = Find(revision);
  if (!index.has_value()) return std::nullopt;
  RecordRole role = records_[*index].role;
  if (role == RecordRole::kNothing) {
    const auto version = versions_.find(revision);
    if (version != versions_.end()) role = version->second.root.role;
  }
  if (role == RecordRole::kConfirmation || role == RecordRole::kDeparture) return std::nullopt;
  return days_[*index];
}

Confirmation EvidenceLog::ConfirmationOf(const Record& record) const {
  Confirmation first;
  const auto found = confirmations_.find(record.revision);
  if (found == confirmations_.end()) return first;
  for (const uint32_t index : found->second) {
    const Record& confirmation = records_[index];
    if (casts_[confirmation.cast].actor == casts_[record.cast].actor) continue;
    const Day day = std::max(confirmation.day, record.day);
    if (day > first.day) continue;
    if (day < first.day) first = {day, {}};
    first.records.push_back(index);
  }
  return first;
}

Day EvidenceLog::DepartureOf(const Record& record) const {
  Day first = kNever;
  const ContactPair& pair = contact_pairs_[record.contacts];
  for (const int contact : {pair.one, pair.other}) {
    if (contact < 0 || static_cast<size_t>(contact) >= departures_.size()) continue;
    for (const uint32_t index : departures_[static_cast<size_t>(contact)]) first = std::min(first, records_[index].day);
  }
  return first;
}

std::vector<uint32_t> EvidenceLog::DeparturesOn(const Record& record, Day day) const {
  std::vector<uint32_t> departures;
  const ContactPair& pair = contact_pairs_[record.contacts];
  for (const int contact : {pair.one, pair.other}) {
    if (contact < 0 || static_cast<size_t>(contact) >= departures_.size()) continue;
    for (const uint32_t index : departures_[static_cast<size_t>(contact)]) {
      if (records_[index].day == day) departures.push_back(index);
    }
  }
  return departures;
}

int EvidenceLog::ContactNumber(absl::string_view contact) {
  if (contact.empty()) return -1;
  return contact_numbers_.emplace(std::string(contact), static_cast<int>(contact_numbers_.size())).first->second;
}

uint32_t EvidenceLog::ContactsOf(absl::string_view one, absl::string_view other) {
  std::pair<int, int> pair = {ContactNumber(one), ContactNumber(other)};
  if (pair.first > pair.second) std::swap(pair.first, pair.second);
  if (pair.second < 0) return 0;
  const auto [found, is_new] = contact_pair_index_.emplace(pair, static_cast<uint32_t>(contact_pairs_.size()));
  if (is_new) contact_pairs_.push_back({pair.first, pair.second});
  return found->second;
}

// ---- Organizations

EvidenceLog EvidenceLog::Only(absl::FunctionRef<bool(const Record&)> keep) const {
  EvidenceLog log = *this;
  for (uint32_t index = 0; index < records_.size(); ++index) {
    if (keep(records_[index])) continue;
    log.Unindex(index);
    log.records_[index].role = RecordRole::kNothing;
  }
  return log;
}

int EvidenceLog::Number(absl::string_view organization) {
  const auto found = numbers_.find(organization);
  if (found != numbers_.end()) return found->second;
  const int number = static_cast<int>(numbers_.size());
  numbers_.emplace(organization, number);
  return number;
}

int EvidenceLog::FindNumber(absl::string_view organization) const {
  const auto found = numbers_.find(organization);
  return found == numbers_.end() ? -1 : found->second;
}

uint32_t EvidenceLog::CastOf(const Evidence& evidence) {
  cast_key_.clear();
  cast_key_.push_back(evidence.actor() == "*" ? Cast::kAll : Number(evidence.actor()));
  cast_key_.push_back(evidence.affected_size());
  for (const std::string& organization : evidence.affected()) cast_key_.push_back(Number(organization));
  for (const std::string& organization : evidence.witnesses()) cast_key_.push_back(Number(organization));
  return CastOfKey();
}

// The key is the actor, the number of the affected, and those, then the witnesses.
uint32_t EvidenceLog::CastOfKey() {
  const auto found = cast_index_.find(cast_key_);
  if (found != cast_index_.end()) return found->second;
  const auto affected = cast_key_.begin() + 2;
  const auto witnesses = affected + cast_key_[1];
  const uint32_t index = static_cast<uint32_t>(casts_.size());
  casts_.push_back({cast_key_[0], {affected, witnesses}, {witnesses, cast_key_.end()}});
  cast_index_.emplace(cast_key_, index);
  return index;
}

size_t EvidenceLog::memory_bytes() const {
  return sizeof(*this) + records_.capacity() * sizeof(Record) + days_.capacity() * sizeof(EventDays) +
         casts_.size() * (sizeof(Cast) + 160) + numbers_.size() * 80 + contact_numbers_.size() * 80 +
         contact_pairs_.size() * (sizeof(ContactPair) + 32) + confirmations_.size() * 64 + departures_.size() * 64 +
         versions_.size() * (sizeof(Version) + 16) + correction_bytes_;
}

}  // namespace projections
