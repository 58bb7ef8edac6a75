#include "services/domain/structure_rules.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "projections/day.h"
#include "services/domain/civil_period.h"
#include "services/domain/event_draft.h"
#include "services/domain/identifier.h"
#include "services/domain/limits.h"
#include "services/domain/refusal.h"

namespace domain {
namespace {

using projections::Partnership;
using trust::v1::Event;

using Broken = std::vector<absl::Status>;
using Organizations = google::protobuf::RepeatedPtrField<std::string>;

// A structural event on its way to be judged.
struct StructureCase {
  const Partnership& state;
  absl::string_view partnership;
  absl::string_view path;
  const Event& event;
  Broken& broken;

  std::string Field(absl::string_view name) const { return absl::StrCat(path, name); }
  void Break(absl::Status status) const {
    if (!status.ok()) broken.push_back(std::move(status));
  }
  void Forbid(trust::v1::ErrorReason reason, absl::string_view message, Metadata metadata) const {
    metadata.emplace_back("partnership", partnership);
    broken.push_back(FailedPrecondition(reason, absl::StrCat("partnerships/", partnership), message, metadata));
  }
};

bool IsPresent(const Partnership& state, absl::string_view organization) {
  const projections::Partner* const partner = projections::FindPartner(state, organization);
  return partner != nullptr && !partner->leave_day;
}

// Whether the event lies wholly before a day.
bool IsBefore(const Event& event, projections::Day day) {
  return EndOfPeriod(projections::ToTime(event.occur_time()), event.occur_time_precision()) <=
         projections::StartOf(day);
}

void JudgePresent(const StructureCase& judged, absl::string_view field, absl::string_view organization) {
  if (projections::FindPartner(judged.state, organization) == nullptr) return;  // CheckStructure has said so.
  judged.Break(CheckPresent(judged.state, judged.partnership, judged.Field(field), organization));
}

void JudgeNotBefore(const StructureCase& judged, projections::Day day, absl::string_view what) {
  if (!IsBefore(judged.event, day)) return;
  judged.Break(
      InvalidFields({{"occur_time", absl::StrCat("lies before ", projections::FormatDay(day), ", the day ", what)}}));
}

void JudgeJoined(const StructureCase& judged) {
  const std::string& organization = judged.event.partner_joined().partner().organization();
  if (IsPresent(judged.state, organization)) {
    judged.Forbid(trust::v1::ERROR_REASON_PARTNER_EXISTS,
                  absl::StrCat(organization, " is a partner of ", judged.partnership, " already"),
                  {{"organization", organization}});
  }
  if (judged.state.initial_contact_time) {
    JudgeNotBefore(judged, projections::DayOf(*judged.state.initial_contact_time),
                   "of the first contact; nobody joins what has not begun");
  }
}

void JudgeLeft(const StructureCase& judged) {
  const std::string& organization = judged.event.partner_left().organization();
  JudgePresent(judged, "organization", organization);
  if (!IsPresent(judged.state, organization)) return;
  const int left_over = projections::PresentPartners(judged.state) - 1;
  if (left_over < kPartnersMin) {
    judged.Forbid(trust::v1::ERROR_REASON_TOO_FEW_PARTNERS,
                  absl::StrCat("without ", organization, ", ", judged.partnership, " would have ", left_over,
                               " partners; terminate it instead"),
                  {{"organization", organization}, {"left_over", absl::StrCat(left_over)}});
  }
  JudgeNotBefore(judged, projections::FindPartner(judged.state, organization)->earliest_join_day,
                 absl::StrCat(organization, " joined"));
}

void JudgeTie(const StructureCase& judged) {
  const Organizations& pair = judged.event.tie_declared().organizations();
  for (const std::string& organization : pair) JudgePresent(judged, "organizations", organization);
  if (judged.state.ties.contains({pair[0], pair[1]})) {
    judged.Forbid(trust::v1::ERROR_REASON_TIE_DECLARED,
                  absl::StrCat("the tie between ", pair[0], " and ", pair[1], " is declared already"),
                  {{"organizations", absl::StrCat(pair[0], ", ", pair[1])}});
  }
}

// The assignment of the person to the organization that lasts; nothing when there is none.
std::optional<projections::ContactAssignment> Lasting(const Partnership& state, absl::string_view contact,
                                                      absl::string_view organization) {
  for (projections::ContactAssignment& assignment : projections::AssignmentsOf(state, contact)) {
    if (assignment.organization == organization && !assignment.until_day) return std::move(assignment);
  }
  return std::nullopt;
}

void JudgeAssigned(const StructureCase& judged) {
  const trust::v1::ContactAssigned& assigned = judged.event.contact_assigned();
  JudgePresent(judged, "organization", assigned.organization());
  if (!Lasting(judged.state, assigned.contact(), assigned.organization())) return;
  judged.Forbid(trust::v1::ERROR_REASON_CONTACT_ASSIGNED,
                absl::StrCat(assigned.contact(), " stands for ", assigned.organization(), " already"),
                {{"contact", assigned.contact()}, {"organization", assigned.organization()}});
}

void JudgeDeparted(const StructureCase& judged) {
  const trust::v1::ContactDeparted& departed = judged.event.contact_departed();
  const auto lasting = Lasting(judged.state, departed.contact(), departed.organization());
  if (!lasting) {
    judged.Break(NotFound(trust::v1::ERROR_REASON_CONTACT_NOT_FOUND, "contact", departed.contact(),
                          absl::StrCat(departed.contact(), " does not stand for ", departed.organization(), " in ",
                                       judged.partnership, "; assign it, or correct the id"),
                          {{"organization", departed.organization()}}));
  } else if (lasting->since_day) {
    JudgeNotBefore(judged, lasting->earliest_since_day, absl::StrCat("on which ", departed.contact(), " was assigned"));
  }
}

}  // namespace

void CheckOrganizations(absl::string_view field, const Organizations& organizations, int min, int max,
                        FieldChecks& checks) {
  checks.Count(field, organizations.size(), min, max);
  absl::flat_hash_set<absl::string_view> seen;
  for (int i = 0; i < std::min(organizations.size(), max); ++i) {
    const std::string path = absl::StrCat(field, "[", i, "]");
    if (!IsId(organizations[i])) {
      checks.Id(path, organizations[i]);
    } else if (!seen.insert(organizations[i]).second) {
      checks.Wrong(path, absl::StrCat(organizations[i], " stands in the list twice; name it once"));
    }
  }
}

void CheckPartnerShape(absl::string_view field, const trust::v1::Partner& partner, FieldChecks& checks) {
  checks.Id(absl::StrCat(field, ".organization"), partner.organization());
  checks.DisplayText(absl::StrCat(field, ".display_name"), partner.display_name(), kDisplayNameSizeMax);
}

absl::Status CheckPresent(const Partnership& state, absl::string_view partnership, absl::string_view field,
                          absl::string_view organization) {
  absl::Status known = CheckPartner(state, partnership, field, organization);
  if (!known.ok()) return known;
  const projections::Partner& partner = *projections::FindPartner(state, organization);
  if (!partner.leave_day) return absl::OkStatus();
  const std::string left = projections::FormatDay(*partner.leave_day);
  return NotFound(trust::v1::ERROR_REASON_PARTNER_NOT_FOUND, "organization", organization,
                  absl::StrCat(field, ": ", organization, " left ", partnership, " on ", left),
                  {{"field", std::string(field)}, {"partnership", std::string(partnership)}, {"left", left}});
}

absl::Status CheckStructure(const Partnership& state, absl::string_view partnership, absl::string_view path,
                            const Event& event) {
  const auto check = [&](absl::string_view field, const Organizations& organizations) {
    for (int i = 0; i < organizations.size(); ++i) {
      absl::Status partner = CheckPartner(state, partnership, absl::StrCat(path, field, "[", i, "]"), organizations[i]);
      if (!partner.ok()) return partner;
    }
    return absl::OkStatus();
  };
  const std::string organization = absl::StrCat(path, "organization");
  if (event.has_partner_left()) {
    return CheckPartner(state, partnership, organization, event.partner_left().organization());
  }
  if (event.has_contact_assigned()) {
    return CheckPartner(state, partnership, organization, event.contact_assigned().organization());
  }
  if (event.has_contact_departed()) {
    return CheckPartner(state, partnership, organization, event.contact_departed().organization());
  }
  if (event.has_tie_declared()) return check("organizations", event.tie_declared().organizations());
  if (event.has_initial_contact_made()) return check("organizations", event.initial_contact_made().organizations());
  if (!event.has_partner_joined() || projections::PresentPartners(state) < kPartnersMax ||
      IsPresent(state, event.partner_joined().partner().organization())) {
    return absl::OkStatus();
  }
  return FailedPrecondition(trust::v1::ERROR_REASON_TOO_MANY_PARTNERS, absl::StrCat("partnerships/", partnership),
                            absl::StrCat(partnership, " has ", kPartnersMax,
                                         " partners, the most that a partnership holds; record first which one left"),
                            {{"partnership", std::string(partnership)}, {"limit", absl::StrCat(kPartnersMax)}});
}

Broken BrokenStructureRules(const Partnership& state, absl::string_view partnership, absl::string_view path,
                            const Event& event) {
  Broken broken;
  const StructureCase judged = {state, partnership, path, event, broken};
  judged.Break(CheckLasts(state, partnership));
  if (event.has_partner_joined()) JudgeJoined(judged);
  if (event.has_partner_left()) JudgeLeft(judged);
  if (event.has_tie_declared()) JudgeTie(judged);
  if (event.has_contact_assigned()) JudgeAssigned(judged);
  if (event.has_contact_departed()) JudgeDeparted(judged);
  return broken;
}

void SetTie(const Organizations& organizations, Event& event) {
  trust::v1::TieDeclared& tie = *event.mutable_tie_declared();
  *tie.mutable_organizations() = organizations;
  std::sort(tie.mutable_organizations()->begin(), tie.mutable_organizations()->end());
}

void SetJoined(const trust::v1::Partner& partner, Event& event) {
  trust::v1::Partner& joined = *event.mutable_partner_joined()->mutable_partner();
  joined = partner;
  if (joined.display_name().empty()) joined.set_display_name(partner.organization());
}

}  // namespace domain
