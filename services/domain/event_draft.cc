#include "services/domain/event_draft.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "projections/day.h"
#include "services/domain/civil_period.h"
#include "services/domain/refusal.h"

namespace domain {
namespace {

using projections::Partnership;
using trust::v1::Event;
using trust::v1::Evidence;

std::string ResourceName(absl::string_view partnership) { return absl::StrCat("partnerships/", partnership); }

absl::Status Ended(const Partnership& state, absl::string_view partnership) {
  const std::string end = state.end_day ? projections::FormatDay(*state.end_day) : "an unknown day";
  return FailedPrecondition(trust::v1::ERROR_REASON_PARTNERSHIP_ENDED, ResourceName(partnership),
                            absl::StrCat(partnership, " ended on ", end, "; its life has no further steps"),
                            {{"partnership", std::string(partnership)}, {"end", end}});
}

absl::Status WrongState(absl::string_view partnership, absl::string_view what) {
  return FailedPrecondition(trust::v1::ERROR_REASON_WRONG_LIFE_CYCLE_STATE, ResourceName(partnership),
                            absl::StrCat(partnership, what), {{"partnership", std::string(partnership)}});
}

}  // namespace

void SetTimes(const google::protobuf::Timestamp& occur_time, trust::v1::TimePrecision precision,
              const google::protobuf::Timestamp* observe_time, Event& event) {
  const absl::Time time = projections::ToTime(occur_time);
  const trust::v1::TimePrecision effective = projections::EffectivePrecision(time, precision);
  *event.mutable_occur_time() = projections::ToTimestamp(projections::StartOfPeriod(time, effective));
  event.set_occur_time_precision(effective);
  if (observe_time != nullptr) {
    *event.mutable_observe_time() = projections::ToTimestamp(projections::ToTime(*observe_time));
  }
}

std::vector<Event> Only(Event event) {
  std::vector<Event> events;
  events.push_back(std::move(event));
  return events;
}

std::vector<Event> Found(absl::string_view partnership, absl::string_view display_name,
                         const google::protobuf::RepeatedPtrField<trust::v1::Partner>& partners,
                         const Event& envelope) {
  std::vector<Event> events(2, envelope);
  trust::v1::PartnershipProposed& proposed = *events[0].mutable_partnership_proposed();
  const absl::string_view name = display_name.empty() ? partnership : display_name;
  proposed.set_display_name(name.data(), name.size());
  trust::v1::InitialContactMade& contact = *events[1].mutable_initial_contact_made();
  for (const trust::v1::Partner& partner : partners) {
    trust::v1::Partner& founder = *proposed.add_partners();
    founder = partner;
    if (founder.display_name().empty()) founder.set_display_name(partner.organization());
    contact.add_organizations(partner.organization());
  }
  events[1].clear_request_id();
  return events;
}

void SetMilestone(const Partnership& state, const trust::v1::Milestone& milestone, Event& event) {
  if (!milestone.has_partnership_renewed()) {
    *event.mutable_milestone() = milestone;
    return;
  }
  Evidence& evidence = *event.mutable_evidence();
  evidence.set_actor("*");
  for (const projections::Partner& partner : state.partners) {
    if (!partner.leave_day) evidence.add_affected(partner.organization);
  }
  evidence.mutable_partnership_renewed();
  MakeDefaultsExplicit(evidence);
  evidence.set_source(SourceOf(event.recorder(), evidence));
}

void MakeDefaultsExplicit(Evidence& evidence) {
  if (evidence.level() == trust::v1::LEVEL_UNSPECIFIED) {
    // An attestation is by a person about a person; it is reckoned so whatever its level says.
    evidence.set_level(evidence.has_interpersonal_trust_attested() ? trust::v1::LEVEL_INTERPERSONAL
                                                                   : trust::v1::LEVEL_INTERORGANISATIONAL);
  }
  if (evidence.materiality() == trust::v1::MATERIALITY_UNSPECIFIED)
    evidence.set_materiality(trust::v1::MATERIALITY_MEDIUM);
  if (evidence.has_credibility_assessed()) {
    auto& kind = *evidence.mutable_credibility_assessed();
    if (kind.result() == 0) kind.set_result(trust::v1::CREDIBILITY_RESULT_SUPPORTED);
  } else if (evidence.has_reputation_reference_received()) {
    auto& kind = *evidence.mutable_reputation_reference_received();
    if (kind.result() == 0) kind.set_result(trust::v1::CREDIBILITY_RESULT_SUPPORTED);
  } else if (evidence.has_intentions_assessed()) {
    auto& kind = *evidence.mutable_intentions_assessed();
    if (kind.result() == 0) kind.set_result(trust::v1::INTENTIONS_RESULT_ALIGNED);
  } else if (evidence.has_commitment_fulfilled()) {
    auto& kind = *evidence.mutable_commitment_fulfilled();
    if (kind.result() == 0) kind.set_result(trust::v1::FULFILMENT_RESULT_ON_TIME);
  } else if (evidence.has_violation_reported()) {
    auto& kind = *evidence.mutable_violation_reported();
    if (kind.severity() == 0) kind.set_severity(trust::v1::SEVERITY_MODERATE);
    if (kind.standing() == 0) kind.set_standing(trust::v1::STANDING_ALLEGED);
  }
}

trust::v1::Source SourceOf(absl::string_view recorder, const Evidence& evidence) {
  if (recorder == evidence.actor()) return trust::v1::SOURCE_SELF;
  const auto& affected = evidence.affected();
  return std::find(affected.begin(), affected.end(), recorder) != affected.end() ? trust::v1::SOURCE_COUNTERPART
                                                                                 : trust::v1::SOURCE_THIRD_PARTY;
}

absl::Status CheckExists(const Partnership& state, absl::string_view partnership) {
  if (state.revision > 0) return absl::OkStatus();
  return NotFound(trust::v1::ERROR_REASON_PARTNERSHIP_NOT_FOUND, "partnership", partnership,
                  absl::StrCat("there is no partnership ", partnership, "; create it, or correct the id"));
}

absl::Status CheckPartner(const Partnership& state, absl::string_view partnership, absl::string_view field,
                          absl::string_view organization) {
  if (projections::FindPartner(state, organization) != nullptr) return absl::OkStatus();
  constexpr size_t kShown = 10;
  std::string partners;
  for (size_t i = 0; i < state.partners.size() && i < kShown; ++i) {
    absl::StrAppend(&partners, i == 0 ? "" : ", ", state.partners[i].organization);
  }
  if (state.partners.size() > kShown) absl::StrAppend(&partners, " and ", state.partners.size() - kShown, " more");
  return NotFound(
      trust::v1::ERROR_REASON_PARTNER_NOT_FOUND, "organization", organization,
      absl::StrCat(field, ": ", organization, " is not a partner of ", partnership, "; its partners are ", partners),
      {{"field", std::string(field)}, {"partnership", std::string(partnership)}, {"partners", partners}});
}

absl::Status CheckPartners(const Partnership& state, absl::string_view partnership, absl::string_view path,
                           const Evidence& evidence) {
  if (evidence.actor() != "*" && !evidence.has_finding_issued()) {
    absl::Status actor = CheckPartner(state, partnership, absl::StrCat(path, ".actor"), evidence.actor());
    if (!actor.ok()) return actor;
  }
  for (int i = 0; i < evidence.affected_size(); ++i) {
    absl::Status affected =
        CheckPartner(state, partnership, absl::StrCat(path, ".affected[", i, "]"), evidence.affected(i));
    if (!affected.ok()) return affected;
  }
  for (int i = 0; i < evidence.witnesses_size(); ++i) {
    absl::Status witness =
        CheckPartner(state, partnership, absl::StrCat(path, ".witnesses[", i, "]"), evidence.witnesses(i));
    if (!witness.ok()) return witness;
  }
  return absl::OkStatus();
}

absl::Status CheckPartners(const Partnership& state, absl::string_view partnership,
                           const trust::v1::Milestone& milestone) {
  const trust::v1::HealthCheckCompleted& check = milestone.health_check_completed();
  for (int i = 0; i < check.stated_trust_size(); ++i) {
    const std::string row = absl::StrCat("milestone.health_check_completed.stated_trust[", i, "]");
    absl::Status trustor = CheckPartner(state, partnership, row + ".trustor", check.stated_trust(i).trustor());
    if (!trustor.ok()) return trustor;
    absl::Status trustee = CheckPartner(state, partnership, row + ".trustee", check.stated_trust(i).trustee());
    if (!trustee.ok()) return trustee;
  }
  return absl::OkStatus();
}

absl::Status CheckLasts(const Partnership& state, absl::string_view partnership) {
  return state.state == trust::v1::PARTNERSHIP_STATE_ENDED ? Ended(state, partnership) : absl::OkStatus();
}

absl::Status CheckMaySuspend(const Partnership& state, absl::string_view partnership) {
  if (state.state == trust::v1::PARTNERSHIP_STATE_ENDED) return Ended(state, partnership);
  if (state.state != trust::v1::PARTNERSHIP_STATE_SUSPENDED) return absl::OkStatus();
  return WrongState(partnership, " is suspended already; resume it first");
}

absl::Status CheckMayResume(const Partnership& state, absl::string_view partnership) {
  if (state.state == trust::v1::PARTNERSHIP_STATE_ENDED) return Ended(state, partnership);
  if (state.state == trust::v1::PARTNERSHIP_STATE_SUSPENDED) return absl::OkStatus();
  return WrongState(partnership, " is not suspended, so there is nothing to resume");
}

absl::Status CheckMayEnd(const Partnership& state, absl::string_view partnership, const Event& event) {
  if (state.state == trust::v1::PARTNERSHIP_STATE_ENDED) return Ended(state, partnership);
  const absl::Time end = EndOfPeriod(projections::ToTime(event.occur_time()), event.occur_time_precision());
  if (!state.initial_contact_time || end > *state.initial_contact_time) return absl::OkStatus();
  const std::string contact = projections::FormatDay(projections::DayOf(*state.initial_contact_time));
  return InvalidFields(
      {{"occur_time", absl::StrCat("lies before the first contact of ", contact, "; nothing ends before it began")}});
}

}  // namespace domain
