#include "services/domain/evidence_checks.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "projections/day.h"
#include "projections/event_name.h"
#include "services/domain/civil_period.h"
#include "services/domain/evidence_reference.h"
#include "services/domain/identifier.h"
#include "services/domain/limits.h"

namespace domain {
namespace {

using trust::v1::Evidence;
using Organizations = google::protobuf::RepeatedPtrField<std::string>;

// One list of the concerned: valid ids, none twice, none that stands in the list before it.
void CheckList(const std::string& field, const Organizations& list, const Organizations& other,
               absl::string_view other_name, FieldChecks& checks) {
  checks.Count(field, list.size(), 0, kConcernedMax);
  absl::flat_hash_set<absl::string_view> seen;
  for (int i = 0; i < std::min(list.size(), kConcernedMax); ++i) {
    const std::string path = absl::StrCat(field, "[", i, "]");
    if (!IsId(list[i])) {
      checks.Id(path, list[i]);
    } else if (!seen.insert(list[i]).second) {
      checks.Wrong(path, absl::StrCat(list[i], " stands in the list twice; name it once"));
    } else if (std::find(other.begin(), other.end(), list[i]) != other.end()) {
      checks.Wrong(path, absl::StrCat(list[i], " is among the ", other_name, " too; name it in one of the lists"));
    }
  }
}

void CheckConcerned(const std::string& path, const Evidence& evidence, FieldChecks& checks) {
  const std::string& actor = evidence.actor();
  const bool joint = actor == "*";
  if (!joint && !IsId(actor)) {
    checks.Wrong(path + "actor", actor.empty() ? "is required: the id of the organization whose conduct it is, or *"
                                               : Quoted(actor) + " is neither the id of an organization nor *");
  }
  CheckList(path + "affected", evidence.affected(), {}, "", checks);
  CheckList(path + "witnesses", evidence.witnesses(), evidence.affected(), "affected", checks);
  if (joint && evidence.affected_size() < 2) {
    checks.Wrong(path + "affected", "must name at least two partners, because the actor * means all of them");
  } else if (evidence.affected().empty() && evidence.witnesses().empty()) {
    checks.Wrong(path + "affected", "must name at least one partner, unless witnesses does");
  } else if (evidence.affected_size() == 1 && evidence.affected(0) == actor) {
    checks.Wrong(path + "affected",
                 "is the actor alone; evidence about oneself moves nobody's trust: name those affected");
  }
  if (std::find(evidence.witnesses().begin(), evidence.witnesses().end(), actor) != evidence.witnesses().end()) {
    checks.Wrong(path + "witnesses",
                 absl::StrCat(Quoted(actor), " is the actor and cannot be a witness of its own conduct"));
  }
}

void CheckQualities(const std::string& path, const Evidence& evidence, bool imported, FieldChecks& checks) {
  if (!imported && evidence.source() != trust::v1::SOURCE_UNSPECIFIED) {
    checks.Wrong(path + "source", "must be left out; it follows from the recorder");
  }
  checks.Known(path + "source", evidence.source());
  checks.Known(path + "level", evidence.level());
  checks.Known(path + "materiality", evidence.materiality());
  checks.OptionalId(path + "label", evidence.label());
  checks.OptionalId(path + "actor_contact", evidence.actor_contact());
  checks.OptionalId(path + "affected_contact", evidence.affected_contact());
  const bool interpersonal =
      evidence.level() == trust::v1::LEVEL_INTERPERSONAL || evidence.has_interpersonal_trust_attested();
  if (interpersonal) return;
  constexpr absl::string_view kOnlyInterpersonal =
      "belongs to interpersonal evidence; set level to LEVEL_INTERPERSONAL";
  if (!evidence.actor_contact().empty()) checks.Wrong(path + "actor_contact", kOnlyInterpersonal);
  if (!evidence.affected_contact().empty()) checks.Wrong(path + "affected_contact", kOnlyInterpersonal);
}

void CheckReference(const std::string& kind_path, const Evidence& evidence, const EvidenceSetting& setting,
                    FieldChecks& checks) {
  const Reference reference = ReferenceOf(evidence);
  const std::string field = absl::StrCat(kind_path, FieldNameOf(reference.to));
  if (reference.text.empty()) {
    if (reference.required) checks.Wrong(field, "is required: the event it is about, such as 17");
    return;
  }
  checks.EventReference(field, setting.partnership, reference.text, setting.imported);
}

void CheckDueTime(const std::string& field, const google::protobuf::Timestamp& due_time, const EvidenceSetting& setting,
                  FieldChecks& checks) {
  if (!checks.Timestamp(field, due_time) || setting.occur_time == nullptr) return;
  const absl::Time begin = projections::StartOfPeriod(projections::ToTime(*setting.occur_time), setting.precision);
  if (EndOfDue(projections::ToTime(due_time)) <= begin) {
    checks.Wrong(field, "lies before occur_time; a promise is due after it is made");
  }
}

// The fields that belong to the kind alone.
void CheckKind(const std::string& path, const Evidence& evidence, const EvidenceSetting& setting, FieldChecks& checks) {
  if (evidence.kind_case() == Evidence::KIND_NOT_SET) {
    return checks.Wrong(path.substr(0, path.size() - 1), "says nothing of what happened; set one kind of evidence");
  }
  const std::string kind = absl::StrCat(path, KindName(evidence), ".");
  CheckReference(kind, evidence, setting, checks);
  if (evidence.has_credibility_assessed()) {
    checks.Known(kind + "result", evidence.credibility_assessed().result());
  } else if (evidence.has_intentions_assessed()) {
    checks.Known(kind + "result", evidence.intentions_assessed().result());
  } else if (evidence.has_reputation_reference_received()) {
    checks.Known(kind + "result", evidence.reputation_reference_received().result());
  } else if (evidence.has_commitment_made() && evidence.commitment_made().has_due_time()) {
    CheckDueTime(kind + "due_time", evidence.commitment_made().due_time(), setting, checks);
  } else if (evidence.has_commitment_renegotiated() && evidence.commitment_renegotiated().has_due_time()) {
    CheckDueTime(kind + "due_time", evidence.commitment_renegotiated().due_time(), setting, checks);
  } else if (evidence.has_commitment_fulfilled()) {
    checks.Known(kind + "result", evidence.commitment_fulfilled().result());
  } else if (evidence.has_conflict_resolved()) {
    checks.Required(kind + "mode", evidence.conflict_resolved().mode());
  } else if (evidence.has_violation_reported()) {
    checks.Required(kind + "type", evidence.violation_reported().type());
    checks.Known(kind + "severity", evidence.violation_reported().severity());
    checks.Known(kind + "standing", evidence.violation_reported().standing());
  } else if (evidence.has_finding_issued()) {
    checks.Required(kind + "result", evidence.finding_issued().result());
    const std::string& digest = evidence.finding_issued().document_sha256();
    if (!digest.empty() && !IsSha256(digest)) {
      checks.Wrong(kind + "document_sha256", "must be 64 lower-case hexadecimal digits");
    }
  } else if (evidence.has_interpersonal_trust_attested()) {
    checks.Range(kind + "reliability", evidence.interpersonal_trust_attested().reliability(), 1, kRatingMax);
    checks.Range(kind + "integrity", evidence.interpersonal_trust_attested().integrity(), 1, kRatingMax);
  }
}

void CheckStatedTrust(const trust::v1::HealthCheckCompleted& check, FieldChecks& checks) {
  const std::string list = "milestone.health_check_completed.stated_trust";
  checks.Count(list, check.stated_trust_size(), 0, kStatedTrustMax);
  absl::flat_hash_set<std::pair<absl::string_view, absl::string_view>> seen;
  for (int i = 0; i < std::min(check.stated_trust_size(), kStatedTrustMax); ++i) {
    const trust::v1::StatedTrust& row = check.stated_trust(i);
    const std::string path = absl::StrCat(list, "[", i, "]");
    checks.Id(path + ".trustor", row.trustor());
    checks.Id(path + ".trustee", row.trustee());
    checks.Range(path + ".trust_basis_points", row.trust_basis_points(), 0, kBasisPointsMax);
    if (!row.trustor().empty() && row.trustor() == row.trustee()) {
      checks.Wrong(path + ".trustee", "is the trustor; a direction has two ends");
    } else if (!seen.emplace(row.trustor(), row.trustee()).second) {
      checks.Wrong(path, "states a direction that an earlier row states; give each once");
    }
  }
}

void CheckFigures(const trust::v1::EffectivenessReviewed& review, FieldChecks& checks) {
  const std::string list = "milestone.effectiveness_reviewed.figures";
  checks.Count(list, review.figures_size(), 0, kFiguresMax);
  absl::flat_hash_set<absl::string_view> seen;
  for (int i = 0; i < std::min(review.figures_size(), kFiguresMax); ++i) {
    const std::string path = absl::StrCat(list, "[", i, "].name");
    const std::string& name = review.figures(i).name();
    checks.Id(path, name);
    if (!name.empty() && !seen.insert(name).second)
      checks.Wrong(path, "names a figure that an earlier one names; give each once");
  }
}

}  // namespace

void CheckEvidence(absl::string_view path, const Evidence& evidence, const EvidenceSetting& setting,
                   FieldChecks& checks) {
  const std::string prefix = absl::StrCat(path, ".");
  CheckConcerned(prefix, evidence, checks);
  CheckQualities(prefix, evidence, setting.imported, checks);
  CheckKind(prefix, evidence, setting, checks);
}

void CheckMilestone(const trust::v1::Milestone& milestone, FieldChecks& checks) {
  switch (milestone.kind_case()) {
    case trust::v1::Milestone::kHealthCheckCompleted:
      return CheckStatedTrust(milestone.health_check_completed(), checks);
    case trust::v1::Milestone::kEffectivenessReviewed:
      return CheckFigures(milestone.effectiveness_reviewed(), checks);
    case trust::v1::Milestone::kAgreementSigned:
    case trust::v1::Milestone::kGovernanceBodyEstablished:
    case trust::v1::Milestone::kReviewHeld:
    case trust::v1::Milestone::kPartnershipRenewed:
      return;
    case trust::v1::Milestone::KIND_NOT_SET:
      return checks.Wrong("milestone", "says nothing of which step; set one kind of milestone");
  }
}

void CheckFounding(absl::string_view prefix, absl::string_view display_name,
                   const google::protobuf::RepeatedPtrField<trust::v1::Partner>& partners, FieldChecks& checks) {
  checks.DisplayText(absl::StrCat(prefix, "display_name"), display_name, kDisplayNameSizeMax);
  const std::string list = absl::StrCat(prefix, "partners");
  checks.Count(list, partners.size(), kPartnersMin, kPartnersMax);
  absl::flat_hash_set<absl::string_view> seen;
  for (int i = 0; i < std::min(partners.size(), kPartnersMax); ++i) {
    const std::string path = absl::StrCat(list, "[", i, "]");
    checks.Id(path + ".organization", partners[i].organization());
    checks.DisplayText(path + ".display_name", partners[i].display_name(), kDisplayNameSizeMax);
    if (!partners[i].organization().empty() && !seen.insert(partners[i].organization()).second) {
      checks.Wrong(path + ".organization",
                   absl::StrCat(Quoted(partners[i].organization()), " stands in the list twice; name it once"));
    }
  }
}

}  // namespace domain
