#include "services/event_filter.h"

#include <algorithm>
#include <numeric>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "eventstore/limits.h"
#include "google/protobuf/descriptor.h"
#include "services/system_stream.h"

namespace services {
namespace {

constexpr absl::string_view kGroups[] = {"evidence.", "milestone."};

void AddNames(const google::protobuf::OneofDescriptor& oneof, absl::string_view prefix,
              std::vector<std::string>* names) {
  for (int i = 0; i < oneof.field_count(); ++i) {
    names->push_back(absl::StrCat(prefix, std::string(oneof.field(i)->name())));
  }
}

std::vector<std::string> AllKinds() {
  std::vector<std::string> kinds;
  AddNames(*trust::v1::Event::descriptor()->FindOneofByName("body"), "", &kinds);
  kinds.erase(std::remove_if(kinds.begin(), kinds.end(),
                             [](const std::string& kind) { return kind == "evidence" || kind == "milestone"; }),
              kinds.end());
  AddNames(*trust::v1::Evidence::descriptor()->FindOneofByName("kind"), kGroups[0], &kinds);
  AddNames(*trust::v1::Milestone::descriptor()->FindOneofByName("kind"), kGroups[1], &kinds);
  std::sort(kinds.begin(), kinds.end());
  return kinds;
}

// How many letters to insert, delete or replace make one word of the other.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

// The kind that somebody may have meant; also without its group.
std::string Nearest(absl::string_view text) {
  text = text.substr(0, 64);
  std::string nearest;
  size_t least = 0;
  for (const std::string& kind : EventKinds()) {
    const absl::string_view bare = absl::string_view(kind).substr(kind.find('.') + 1);
    const size_t distance = std::min(Distance(text, kind), Distance(text, bare));
    if (!nearest.empty() && distance >= least) continue;
    nearest = kind;
    least = distance;
  }
  return nearest;
}

bool Names(const google::protobuf::RepeatedPtrField<std::string>& ids, absl::string_view organization) {
  return absl::c_linear_search(ids, organization);
}

bool IsNamed(const trust::v1::Evidence& evidence, absl::string_view organization) {
  return evidence.actor() == organization || Names(evidence.affected(), organization) ||
         Names(evidence.witnesses(), organization);
}

bool IsNamed(const trust::v1::Milestone& milestone, absl::string_view organization) {
  return absl::c_any_of(milestone.health_check_completed().stated_trust(), [&](const trust::v1::StatedTrust& stated) {
    return stated.trustor() == organization || stated.trustee() == organization;
  });
}

}  // namespace

const std::vector<std::string>& EventKinds() {
  static const auto* const kinds = new std::vector<std::string>(AllKinds());
  return *kinds;
}

void EventFilter::SetKinds(const google::protobuf::RepeatedPtrField<std::string>& kinds, QueryChecks& checks) {
  if (kinds.size() > kFilteredKindsMax) {
    return checks.Wrong("kinds",
                        absl::StrCat("names ", kinds.size(), "; at most ", kFilteredKindsMax, ", or none for all"));
  }
  for (int i = 0; i < kinds.size(); ++i) {
    const std::string& kind = kinds[i];
    const auto group = absl::c_find_if(
        kGroups, [&](absl::string_view name) { return kind == name || absl::StrCat(kind, ".") == name; });
    if (group != std::end(kGroups)) {
      kinds_.emplace(*group);
    } else if (absl::c_binary_search(EventKinds(), kind)) {
      kinds_.insert(kind);
    } else {
      checks.Wrong(absl::StrCat("kinds[", i, "]"),
                   absl::StrCat(domain::Quoted(kind), " is no kind of event; ", Nearest(kind),
                                " comes nearest; a kind is the name of a body of Event, \"evidence.\" or "
                                "\"milestone.\" with what it was, or one of these two alone for all of them"));
    }
  }
}

void EventFilter::SetOrganizations(const std::string& organization, const std::string& recorder, QueryChecks& checks) {
  if (!organization.empty()) checks.Id("organization", organization);
  if (!recorder.empty()) checks.Id("recorder", recorder);
  organization_ = organization;
  recorder_ = recorder;
}

void EventFilter::SetPartnerships(const google::protobuf::RepeatedPtrField<std::string>& partnerships, bool of_one,
                                  QueryChecks& checks) {
  if (partnerships.empty()) return;
  if (of_one) return checks.Wrong("partnerships", "stands beside partnership; name all of them here, or the one there");
  if (partnerships.size() > kFilteredPartnershipsMax) {
    return checks.Wrong("partnerships", absl::StrCat("names ", partnerships.size(), "; at most ",
                                                     kFilteredPartnershipsMax, ", or none for all"));
  }
  for (int i = 0; i < partnerships.size(); ++i) {
    checks.Id(absl::StrCat("partnerships[", i, "]"), partnerships[i]);
    partnerships_.insert(partnerships[i]);
  }
}

bool EventFilter::MayPass(absl::string_view stream, absl::string_view type) const {
  if (!partnerships_.empty()) {
    if (!partnerships_.contains(stream)) return false;
  } else if (!include_system_ && eventstore::IsSystemStream(stream) && !IsAlwaysShown(stream)) {
    return false;
  }
  if (kinds_.empty() || kinds_.contains(type)) return true;
  const size_t dot = type.find('.');
  return dot != absl::string_view::npos && kinds_.contains(type.substr(0, dot + 1));
}

bool EventFilter::Passes(const trust::v1::Event& event) const {
  if (!recorder_.empty() && event.recorder() != recorder_) return false;
  return organization_.empty() || ConcernsOrganization(event, organization_);
}

std::string EventFilter::Text() const {
  if (partnerships_.empty() && kinds_.empty() && GoesByRecord() && !include_system_) return "";
  return absl::StrCat(absl::StrJoin(partnerships_, ","), ";", absl::StrJoin(kinds_, ","), ";", organization_, ";",
                      recorder_, ";", include_system_);
}

bool ConcernsOrganization(const trust::v1::Event& event, absl::string_view organization) {
  if (event.recorder() == organization) return true;
  using trust::v1::Event;
  switch (event.body_case()) {
    case Event::kPartnershipProposed:
      return absl::c_any_of(event.partnership_proposed().partners(),
                            [&](const trust::v1::Partner& partner) { return partner.organization() == organization; });
    case Event::kInitialContactMade:
      return Names(event.initial_contact_made().organizations(), organization);
    case Event::kPartnerJoined:
      return event.partner_joined().partner().organization() == organization;
    case Event::kPartnerLeft:
      return event.partner_left().organization() == organization;
    case Event::kTieDeclared:
      return Names(event.tie_declared().organizations(), organization);
    case Event::kContactAssigned:
      return event.contact_assigned().organization() == organization;
    case Event::kContactDeparted:
      return event.contact_departed().organization() == organization;
    case Event::kMilestone:
      return IsNamed(event.milestone(), organization);
    case Event::kEvidence:
      return IsNamed(event.evidence(), organization);
    case Event::kEvidenceCorrected:
      return IsNamed(event.evidence_corrected().replacement(), organization);
    case Event::kAssessmentIssued:
      return event.assessment_issued().trustor() == organization || event.assessment_issued().trustee() == organization;
    case Event::kPartnershipSuspended:
    case Event::kPartnershipResumed:
    case Event::kPartnershipTerminated:
    case Event::kEvidenceConfirmed:
    case Event::kEvidenceContested:
    case Event::kEvidenceRetracted:
    case Event::kPolicyPublished:
    case Event::kPolicyActivated:
    case Event::kPolicyPinned:
    case Event::kLegalHoldPlaced:
    case Event::kLegalHoldReleased:
    case Event::kLogOverrideRecorded:
    case Event::kHistoryAccessed:
    case Event::kAccessRecordSwitched:
    case Event::kPersonalDataErased:
    case Event::BODY_NOT_SET:
      return false;
  }
  return false;
}

}  // namespace services
