// Histories in the words of the domain, for the tests of the readings: log.On("2020-02-10").Joint().SharedExperience().
// Appends well-formed events with ascending revisions; record times follow the latest day so far.

#ifndef TESTS_PROJECTIONS_TRUST_LOG_H_
#define TESTS_PROJECTIONS_TRUST_LOG_H_

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "projections/day.h"
#include "projections/trust_history.h"
#include "trust/v1/events.pb.h"

namespace projections {

// The day of a date such as 2020-02-10.
inline Day DayOn(absl::string_view date) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime({date.data(), date.size()}, &day)) std::abort();
  return static_cast<Day>(day - absl::CivilDay(1970, 1, 1));
}

// The policy the program comes with, parsed once.
inline const std::shared_ptr<const Policy>& DefaultPolicy() {
  static const std::shared_ptr<const Policy> policy = Policy::Default();
  return policy;
}

class Log;

// One piece of evidence in the making. Conduct of b towards a, of medium materiality, recorded by the counterpart,
// unless said otherwise. Each kind appends the event and returns its revision.
class Act {
 public:
  Act(Log* log, Day day) : log_(log), day_(day) {
    evidence_.set_actor(std::string("b"));
    evidence_.add_affected(std::string("a"));
    evidence_.set_source(trust::v1::SOURCE_COUNTERPART);
  }

  Act& By(absl::string_view actor) {
    evidence_.set_actor(std::string(actor));
    return *this;
  }
  Act& To(std::vector<std::string> affected) {
    evidence_.clear_affected();
    for (std::string& organization : affected) evidence_.add_affected(std::move(organization));
    return *this;
  }
  Act& Seen(std::vector<std::string> witnesses) {
    for (std::string& organization : witnesses) evidence_.add_witnesses(std::move(organization));
    return *this;
  }
  Act& Joint() { return By("*").To({"a", "b"}); }
  Act& From(trust::v1::Source source) {
    evidence_.set_source(source);
    return *this;
  }
  Act& Self() { return From(trust::v1::SOURCE_SELF); }
  Act& Weighing(trust::v1::Materiality materiality) {
    evidence_.set_materiality(materiality);
    return *this;
  }
  Act& Interpersonal() {
    evidence_.set_level(trust::v1::LEVEL_INTERPERSONAL);
    return *this;
  }
  Act& Between(const std::string& actor_contact, const std::string& affected_contact) {
    evidence_.set_actor_contact(actor_contact);
    evidence_.set_affected_contact(affected_contact);
    return Interpersonal();
  }

  int64_t CredibilitySupported() {
    evidence_.mutable_credibility_assessed()->set_result(trust::v1::CREDIBILITY_RESULT_SUPPORTED);
    return Append();
  }
  int64_t IntentionsAligned() {
    evidence_.mutable_intentions_assessed()->set_result(trust::v1::INTENTIONS_RESULT_ALIGNED);
    return Append();
  }
  int64_t CredentialsVerified() { return evidence_.mutable_credentials_verified(), Append(); }
  int64_t ConfidentialityAgreement() { return evidence_.mutable_confidentiality_agreement_signed(), Append(); }
  int64_t SharedExperience() { return evidence_.mutable_shared_experience_held(), Append(); }
  int64_t OpenCommunication() { return evidence_.mutable_open_communication_observed(), Append(); }
  int64_t MutualUnderstanding() { return evidence_.mutable_mutual_understanding_confirmed(), Append(); }
  int64_t Misunderstanding() { return evidence_.mutable_misunderstanding_reported(), Append(); }
  int64_t Clarified() { return evidence_.mutable_misunderstanding_clarified(), Append(); }
  int64_t Fulfilled() {
    evidence_.mutable_commitment_fulfilled()->set_result(trust::v1::FULFILMENT_RESULT_ON_TIME);
    return Append();
  }
  int64_t Missed() { return evidence_.mutable_commitment_missed(), Append(); }
  int64_t GoalSupported() { return evidence_.mutable_partner_goal_supported(), Append(); }
  int64_t Transparency() { return evidence_.mutable_transparency_demonstrated(), Append(); }
  int64_t FeedbackActedOn() { return evidence_.mutable_feedback_acted_on(), Append(); }
  int64_t Renewed() { return evidence_.mutable_partnership_renewed(), Append(); }
  int64_t ConflictRaised() { return evidence_.mutable_conflict_raised(), Append(); }
  int64_t DisputeOpened() { return evidence_.mutable_formal_dispute_opened(), Append(); }
  int64_t Resolved(int64_t conflict, trust::v1::ResolutionMode mode) {
    evidence_.mutable_conflict_resolved()->set_conflict(absl::StrCat(conflict));
    evidence_.mutable_conflict_resolved()->set_mode(mode);
    return Append();
  }
  int64_t Violation(trust::v1::ViolationType type, trust::v1::Severity severity,
                    trust::v1::Standing standing = trust::v1::STANDING_ALLEGED) {
    auto* const report = evidence_.mutable_violation_reported();
    report->set_type(type);
    report->set_severity(severity);
    report->set_standing(standing);
    return Append();
  }
  int64_t Acknowledged(int64_t violation) {
    evidence_.mutable_violation_acknowledged()->set_violation(absl::StrCat(violation));
    return Append();
  }
  int64_t Apology(int64_t violation) {
    evidence_.mutable_apology_issued()->set_violation(absl::StrCat(violation));
    return Append();
  }
  int64_t Remediated(int64_t violation) {
    evidence_.mutable_remediation_completed()->set_violation(absl::StrCat(violation));
    return Append();
  }
  int64_t Verified(int64_t violation) {
    evidence_.mutable_remediation_verified()->set_violation(absl::StrCat(violation));
    return Append();
  }
  int64_t Finding(int64_t violation, trust::v1::FindingResult result) {
    evidence_.mutable_finding_issued()->set_violation(absl::StrCat(violation));
    evidence_.mutable_finding_issued()->set_result(result);
    return Append();
  }

  trust::v1::Evidence& evidence() { return evidence_; }
  inline int64_t Append();

 private:
  Log* const log_;
  const Day day_;
  trust::v1::Evidence evidence_;
};

class Log {
 public:
  // Two partners that meet on a day.
  void Partnership(const std::string& one, const std::string& other, absl::string_view first_contact) {
    const Day day = DayOn(first_contact);
    auto& proposed = *New(day).mutable_partnership_proposed();
    proposed.add_partners()->set_organization(one);
    proposed.add_partners()->set_organization(other);
    auto& contact = *New(day).mutable_initial_contact_made();
    contact.add_organizations(one);
    contact.add_organizations(other);
  }
  Act On(absl::string_view date) { return Act(this, DayOn(date)); }
  Act On(Day day) { return Act(this, day); }
  void Terminated(absl::string_view date) { New(DayOn(date)).mutable_partnership_terminated(); }
  void Left(const std::string& organization, absl::string_view date) {
    New(DayOn(date)).mutable_partner_left()->set_organization(organization);
  }

  void Joined(const std::string& organization, absl::string_view date) {
    New(DayOn(date)).mutable_partner_joined()->mutable_partner()->set_organization(organization);
  }
  void Tie(const std::string& one, const std::string& other, absl::string_view date) {
    auto& tie = *New(DayOn(date)).mutable_tie_declared();
    tie.add_organizations(one);
    tie.add_organizations(other);
  }
  void Confirmed(int64_t event, const std::string& by, absl::string_view date) {
    trust::v1::Event& confirmed = New(DayOn(date));
    confirmed.set_recorder(by);
    confirmed.mutable_evidence_confirmed()->set_event(absl::StrCat(event));
  }
  void Retracted(int64_t event, absl::string_view date) {
    New(DayOn(date)).mutable_evidence_retracted()->set_event(absl::StrCat(event));
  }
  void Departed(const std::string& contact, absl::string_view date) {
    New(DayOn(date)).mutable_contact_departed()->set_contact(contact);
  }
  // The last event became known to those affected on a later day.
  void ObservedOn(absl::string_view date) {
    *events_.back().mutable_observe_time() = ToTimestamp(StartOf(DayOn(date)));
    recorded_ = std::max(recorded_, DayOn(date));
    *events_.back().mutable_record_time() = ToTimestamp(StartOf(recorded_));
  }

  // A new event that happened on a day; its body is the caller's.
  trust::v1::Event& New(Day day) {
    trust::v1::Event& event = events_.emplace_back();
    event.set_revision(static_cast<int64_t>(events_.size()));
    *event.mutable_occur_time() = ToTimestamp(StartOf(day));
    recorded_ = events_.size() == 1 ? day : std::max(recorded_, day);
    *event.mutable_record_time() = ToTimestamp(StartOf(recorded_));
    return event;
  }

  const std::vector<trust::v1::Event>& events() const { return events_; }
  std::vector<trust::v1::Event>& events() { return events_; }

  // A fresh fold.
  std::unique_ptr<TrustHistory> Fold(std::shared_ptr<const Policy> policy = DefaultPolicy(),
                                     trust::v1::View view = trust::v1::VIEW_HELD) const {
    auto history = std::make_unique<TrustHistory>("x", std::move(policy), view);
    for (const trust::v1::Event& event : events_) history->Apply(event);
    return history;
  }

 private:
  std::vector<trust::v1::Event> events_;
  Day recorded_ = 0;
};

inline int64_t Act::Append() {
  trust::v1::Event& event = log_->New(day_);
  *event.mutable_evidence() = evidence_;
  return event.revision();
}

// The stages up to a day in one readable line: "1 @2020-01-06, 2 @2020-02-10, 1 @2023-02-01*"; the star is for silence.
inline std::string PathOf(TrustHistory* history, absl::string_view trustor, absl::string_view trustee, Day as_of) {
  std::string path;
  for (const trust::v1::Transition& change : history->Timeline(trustor, trustee, as_of)) {
    absl::StrAppend(&path, path.empty() ? "" : ", ", static_cast<int>(change.stage()), " @", change.date(),
                    change.cause() == trust::v1::TRANSITION_CAUSE_SILENCE ? "*" : "");
  }
  return path;
}

// The scores with the share of the prior on a day: "8630/2739 8484/3030 8613/2773 7327/5345".
inline std::string ScoresOf(TrustHistory* history, absl::string_view trustor, absl::string_view trustee, Day as_of) {
  const Prior& prior = DefaultPolicy()->rules().prior;
  std::string scores;
  for (const FacetMass& mass : history->ReadMasses(trustor, trustee, as_of)) {
    const int64_t share = static_cast<int64_t>(prior.weight * 10000 / (mass.positive + mass.negative + prior.weight));
    absl::StrAppend(&scores, scores.empty() ? "" : " ", Score(prior, mass), "/", share);
  }
  return scores;
}

}  // namespace projections

#endif  // TESTS_PROJECTIONS_TRUST_LOG_H_
