// Random histories for the properties of the readings: every kind, severity, source, standing, repair and conflict,
// late evidence, coarse dates, bare and full references, references to nothing. The same seed gives the same history.

#ifndef TESTS_PROJECTIONS_RANDOM_LOG_H_
#define TESTS_PROJECTIONS_RANDOM_LOG_H_

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "projections/event_name.h"
#include "tests/projections/trust_log.h"

namespace projections {

class RandomLog {
 public:
  explicit RandomLog(uint32_t seed, int organizations = 3) : random_(seed), organizations_(organizations) {}

  int Below(int bound) { return static_cast<int>(random_() % static_cast<uint32_t>(bound)); }
  bool Chance(int percent) { return Below(100) < percent; }
  Day first_contact() const { return kFirstContact; }
  // How long the random events go on.
  static constexpr int kSpanDays = 1600;

  // Days that are multiples of a fifth of a half-life: masses meet exactly.
  void UseAlignedDays() { aligned_ = true; }
  // Violations, conflicts and what follows them for the most part.
  void UseMatters() { matters_ = true; }
  // Good conduct but for one event in fifty.
  void UseGoodConduct() { good_ = true; }

  // Confirmations, corrections, retractions, people who leave, partners who join, ties that are declared; and evidence
  // that these matter for.
  void UseMeta() { meta_ = true; }

  // Days never go back, and often stay.
  void UseForwardDays() { forward_ = true; }

  // The partners a, b and more meet; perhaps a growth that reaches the higher stages; then so many random events.
  void Fill(int events) {
    Found();
    if (Chance(75)) Grow();
    for (int i = 0; i < events; ++i) AddEvent();
  }

  void Found() {
    auto& proposed = *log.New(kFirstContact).mutable_partnership_proposed();
    auto& contact = *log.New(kFirstContact).mutable_initial_contact_made();
    for (int i = 0; i < organizations_; ++i) {
      proposed.add_partners()->set_organization(Name(i));
      contact.add_organizations(Name(i));
    }
  }

  // Good conduct of b towards a over most of a year, with a few days moved at random.
  void Grow() {
    const auto on = [this](int day) { return log.On(kFirstContact + day + Below(4)); };
    on(0).Joint().ConfidentialityAgreement();
    on(14).CredibilitySupported();
    on(21).IntentionsAligned();
    on(28).CredentialsVerified();
    on(35).Joint().SharedExperience();
    on(49).OpenCommunication();
    on(63).Joint().MutualUnderstanding();
    on(84).Joint().SharedExperience();
    for (const int day : {100, 130, 190, 223, 252, 335}) on(day).Fulfilled();
    on(161).GoalSupported();
    on(273).Transparency();
    on(301).FeedbackActedOn();
  }

  void AddEvent() {
    if (Chance(2)) return AddStructure();
    if (meta_ && Chance(30)) return AddMeta();
    trust::v1::Event& event = log.New(RandomDay());
    AddTimes(&event);
    *event.mutable_evidence() = RandomEvidence();
    const int kinds = good_ && Chance(98) ? kGoodKinds : kKinds;
    SetKind(matters_ && Chance(75) ? 31 + Below(14) : Below(kinds), event.mutable_evidence());
    Remember(event);
  }

  // One of the kinds by number, with its details; references are to earlier events for the most part.
  static constexpr int kKinds = 46;
  void SetKind(int kind, trust::v1::Evidence* evidence);

  // Kinds that speak for the actor, and those that speak against it.
  void SetGoodKind(trust::v1::Evidence* evidence) { SetKind(Below(kGoodKinds), evidence); }
  void SetBadKind(trust::v1::Evidence* evidence) { SetKind(kGoodKinds + Below(kBadKinds), evidence); }

  trust::v1::Evidence RandomEvidence() {
    trust::v1::Evidence evidence;
    // b towards a for the most part, so that something adds up.
    evidence.set_actor(Chance(20) ? "*" : Chance(70) ? "b" : Name(Below(organizations_)));
    for (int i = 0; i < organizations_; ++i) {
      if (Name(i) == evidence.actor()) continue;
      if (Chance(i == 0 || evidence.actor() == "*" ? 85 : 30)) {
        evidence.add_affected(Name(i));
      } else if (Chance(30)) {
        evidence.add_witnesses(Name(i));
      }
    }
    if (Chance(60)) evidence.set_source(static_cast<trust::v1::Source>(Below(6)));
    if (Chance(50)) evidence.set_materiality(static_cast<trust::v1::Materiality>(Below(5)));
    if (Chance(10)) evidence.set_level(trust::v1::LEVEL_INTERPERSONAL);
    if (!meta_) return evidence;
    if (Chance(40)) evidence.set_source(trust::v1::SOURCE_SELF);
    if (Chance(30)) evidence.set_level(trust::v1::LEVEL_INTERPERSONAL);
    if (Chance(80)) evidence.set_actor_contact(Contact());
    if (Chance(80)) evidence.set_affected_contact(Contact());
    return evidence;
  }

  std::string Contact() { return absl::StrCat("person-", Below(4)); }

  // A correction of an event that is evidence, or of the times of another.
  void SetCorrection(int64_t root, bool of_evidence, trust::v1::EvidenceCorrected* correction) {
    correction->set_event(Chance(50) ? absl::StrCat(root) : EventName("x", root));
    if (of_evidence) {
      *correction->mutable_replacement() = RandomEvidence();
      SetKind(Below(kKinds), correction->mutable_replacement());
    }
    if (!of_evidence || Chance(40)) *correction->mutable_occur_time() = ToTimestamp(StartOf(RandomDay()));
    if (Chance(20)) correction->set_occur_time_precision(trust::v1::TIME_PRECISION_MONTH);
    if (Chance(20)) *correction->mutable_observe_time() = ToTimestamp(StartOf(last_ + Below(100)));
  }

  // The revisions of the evidence, and of the confirmations and departures.
  const std::vector<int64_t>& evidence() const { return evidence_; }
  const std::vector<int64_t>& meta() const { return meta_events_; }

  Day RandomDay() {
    if (forward_) return last_ = std::max(last_, kFirstContact + 340) + (Chance(50) ? 0 : Below(60));
    // Near the day before, so that matters come to an end; or anywhere, also before the first contact and on days
    // already used.
    if (Chance(60))
      last_ += Below(60) - 5;
    else if (Chance(20))
      last_ = kFirstContact + Below(5) * 100;
    else
      last_ = kFirstContact - 30 + Below(kSpanDays);
    if (aligned_) last_ = kFirstContact + (last_ - kFirstContact) / 73 * 73;
    return last_;
  }

  // Names an event as callers do, sometimes in a way that names none.
  std::string Reference(const std::vector<int64_t>& candidates) {
    if (candidates.empty() || Chance(4)) return Chance(50) ? "partnerships/other/events/1" : "nothing";
    const int64_t revision = candidates[candidates.size() - 1 -
                                        static_cast<size_t>(Below(std::min(3, static_cast<int>(candidates.size()))))];
    return Chance(50) ? absl::StrCat(revision) : EventName("x", revision);
  }

  static std::string Name(int organization) { return std::string(1, static_cast<char>('a' + organization)); }

  Log log;

 private:
  static constexpr Day kFirstContact = 18267;  // 2020-01-06
  static constexpr int kGoodKinds = 22;
  static constexpr int kBadKinds = 12;

  void AddStructure() {
    const Day day = kFirstContact + kSpanDays / 2 + Below(kSpanDays / 2);
    if (Chance(60)) {
      log.New(day).mutable_partnership_terminated();
    } else {
      log.New(day).mutable_partner_left()->set_organization(Name(Below(organizations_)));
    }
  }

  void AddTimes(trust::v1::Event* event) {
    if (Chance(8)) event->set_occur_time_precision(trust::v1::TIME_PRECISION_MONTH);
    if (Chance(3)) event->set_occur_time_precision(trust::v1::TIME_PRECISION_YEAR);
    if (Chance(8)) *event->mutable_observe_time() = ToTimestamp(StartOf(last_ + Below(200)) + absl::Hours(Below(24)));
  }

  void AddMeta() {
    const int what = Below(12);
    trust::v1::Event& event = log.New(RandomDay());
    AddTimes(&event);
    event.set_recorder(Name(Below(organizations_)));
    const auto recent = [this](const std::vector<int64_t>& revisions, int count) {
      const int size = static_cast<int>(revisions.size());
      return size == 0 ? int64_t{1} : revisions[static_cast<size_t>(size - 1 - Below(std::min(size, count)))];
    };
    if (what < 5) {
      event.mutable_evidence_confirmed()->set_event(absl::StrCat(recent(evidence_, 8)));
      meta_events_.push_back(event.revision());
    } else if (what < 7) {
      const bool of_evidence = meta_events_.empty() || Chance(80);
      SetCorrection(recent(of_evidence ? evidence_ : meta_events_, 20), of_evidence,
                    event.mutable_evidence_corrected());
    } else if (what < 9) {
      event.mutable_evidence_retracted()->set_event(absl::StrCat(recent(Chance(70) ? evidence_ : meta_events_, 20)));
    } else if (what < 11) {
      event.mutable_contact_departed()->set_contact(Contact());
      meta_events_.push_back(event.revision());
    } else if (Chance(50)) {
      event.mutable_partner_joined()->mutable_partner()->set_organization(Name(organizations_));
    } else {
      const int one = Below(organizations_);
      event.mutable_tie_declared()->add_organizations(Name(one));
      event.mutable_tie_declared()->add_organizations(Name((one + 1) % organizations_));
    }
  }

  void Remember(const trust::v1::Event& event) {
    evidence_.push_back(event.revision());
    const trust::v1::Evidence& evidence = event.evidence();
    if (evidence.has_violation_reported()) violations_.push_back(event.revision());
    if (evidence.has_conflict_raised() || evidence.has_conflict_escalated() || evidence.has_formal_dispute_opened()) {
      conflicts_.push_back(event.revision());
    }
  }

  std::mt19937 random_;
  const int organizations_;
  bool aligned_ = false, matters_ = false, good_ = false, forward_ = false, meta_ = false;
  Day last_ = kFirstContact;
  std::vector<int64_t> violations_, conflicts_, evidence_, meta_events_;
};

inline void RandomLog::SetKind(int kind, trust::v1::Evidence* evidence) {
  using namespace trust::v1;  // NOLINT: enum values.
  const auto fulfilled = [evidence](FulfilmentResult result) {
    evidence->mutable_commitment_fulfilled()->set_result(result);
  };
  switch (kind) {
    case 0:
      evidence->mutable_credibility_assessed();
      return;
    case 1:
      evidence->mutable_credentials_verified();
      return;
    case 2:
      evidence->mutable_intentions_assessed()->set_result(INTENTIONS_RESULT_ALIGNED);
      return;
    case 3:
      evidence->mutable_confidentiality_agreement_signed();
      return;
    case 4:
      evidence->mutable_prior_tie_attested();
      return;
    case 5:
      evidence->mutable_reputation_reference_received();
      return;
    case 6:
      evidence->mutable_shared_experience_held();
      return;
    case 7:
      evidence->mutable_open_communication_observed();
      return;
    case 8:
      evidence->mutable_mutual_understanding_confirmed();
      return;
    case 9:
      evidence->mutable_misunderstanding_clarified();
      return;
    case 10:
      return fulfilled(FULFILMENT_RESULT_ON_TIME);
    case 11:
      return fulfilled(FULFILMENT_RESULT_EXCEEDED);
    case 12:
      return fulfilled(FULFILMENT_RESULT_LATE);
    case 13:
      evidence->mutable_partner_goal_supported();
      return;
    case 14:
      evidence->mutable_consistency_observed();
      return;
    case 15:
      evidence->mutable_shared_objective_achieved();
      return;
    case 16:
      evidence->mutable_transparency_demonstrated();
      return;
    case 17:
      evidence->mutable_feedback_acted_on();
      return;
    case 18:
      evidence->mutable_feedback_given();
      return;
    case 19:
      evidence->mutable_adaptation_made();
      return;
    case 20:
      evidence->mutable_relationship_investment_made();
      return;
    case 21:
      evidence->mutable_partnership_renewed();
      return;
    // Bad ones.
    case 22:
      evidence->mutable_credibility_assessed()->set_result(CREDIBILITY_RESULT_CONTRADICTED);
      return;
    case 23:
      evidence->mutable_intentions_assessed()->set_result(INTENTIONS_RESULT_MISALIGNED);
      return;
    case 24:
      evidence->mutable_reputation_reference_received()->set_result(CREDIBILITY_RESULT_CONTRADICTED);
      return;
    case 25:
      evidence->mutable_misunderstanding_reported();
      return;
    case 26:
      evidence->mutable_information_withheld();
      return;
    case 27:
      evidence->mutable_inconsistency_observed();
      return;
    case 28:
      evidence->mutable_commitment_missed();
      return;
    case 29:
      evidence->mutable_feedback_ignored();
      return;
    case 30:
      evidence->mutable_adaptation_refused();
      return;
    case 31:
    case 32:
    case 33: {
      auto* const report = evidence->mutable_violation_reported();
      report->set_type(static_cast<ViolationType>(1 + Below(5)));
      report->set_severity(static_cast<Severity>(Below(5)));
      if (Chance(60)) report->set_standing(static_cast<Standing>(Below(8)));
      report->set_deception(Chance(15));
      if (Chance(10)) report->set_violation(Reference(violations_));
      return;
    }
    // Conflicts.
    case 34:
      evidence->mutable_conflict_raised();
      return;
    case 35:
      evidence->mutable_conflict_escalated()->set_conflict(Chance(80) ? Reference(conflicts_) : "");
      return;
    case 36:
      evidence->mutable_formal_dispute_opened()->set_conflict(Chance(80) ? Reference(conflicts_) : "");
      return;
    case 37:
    case 38:
      evidence->mutable_conflict_resolved()->set_conflict(Reference(conflicts_));
      evidence->mutable_conflict_resolved()->set_mode(static_cast<ResolutionMode>(Chance(50) ? 1 : Below(6)));
      if (Chance(60)) evidence->set_source(SOURCE_JOINT);
      return;
    // What follows violations.
    case 39:
      evidence->mutable_violation_disputed()->set_violation(Reference(violations_));
      return;
    case 40:
      evidence->mutable_violation_acknowledged()->set_violation(Reference(violations_));
      return;
    case 41:
      evidence->mutable_allegation_withdrawn()->set_violation(Reference(violations_));
      return;
    case 42:
      evidence->mutable_finding_issued()->set_violation(Reference(violations_));
      evidence->mutable_finding_issued()->set_result(static_cast<FindingResult>(Below(4)));
      return;
    case 43:
      if (Chance(50)) {
        evidence->mutable_apology_issued()->set_violation(Reference(violations_));
      } else {
        evidence->mutable_remediation_completed()->set_violation(Reference(violations_));
      }
      return;
    case 44:
      evidence->mutable_remediation_verified()->set_violation(Reference(violations_));
      return;
    default: {
      auto* const attested = evidence->mutable_interpersonal_trust_attested();
      attested->set_reliability(Below(7));
      attested->set_integrity(Below(7));
      return;
    }
  }
}

}  // namespace projections

#endif  // TESTS_PROJECTIONS_RANDOM_LOG_H_
