#include "services/domain/evidence_reference.h"

#include "absl/strings/str_cat.h"
#include "projections/event_name.h"
#include "services/domain/field_checks.h"
#include "services/domain/refusal.h"

namespace domain {
namespace {

using projections::Partnership;
using trust::v1::Evidence;

void SetReference(Evidence& evidence, absl::string_view field, std::string value) {
  using google::protobuf::Message;
  const auto& reflection = *evidence.GetReflection();
  const auto* const kind = Evidence::descriptor()->FindFieldByNumber(evidence.kind_case());
  Message* const message = reflection.MutableMessage(&evidence, kind);
  const auto* const reference = message->GetDescriptor()->FindFieldByName(std::string(field));
  message->GetReflection()->SetString(message, reference, std::move(value));
}

// Whether evidence of this kind says nothing without its reference. A promise, an objective or a conflict may never
// have been put on record; what is said of a violation, or moves or settles something, must say of which.
bool RequiresReference(Evidence::KindCase kind, Referent to) {
  switch (to) {
    case Referent::kViolation:
      return kind != Evidence::kViolationReported;
    case Referent::kConflict:
      return kind == Evidence::kConflictResolved;
    case Referent::kCommitment:
      return kind == Evidence::kCommitmentRenegotiated || kind == Evidence::kCommitmentWaived;
    case Referent::kNothing:
    case Referent::kMisunderstanding:
    case Referent::kObjective:
      return false;
  }
  return false;
}

}  // namespace

Reference ReferenceOf(const Evidence& evidence) {
  const projections::Reference reference = projections::ReferenceOf(evidence);
  return {reference.to, RequiresReference(evidence.kind_case(), reference.to), reference.text};
}

absl::string_view FieldNameOf(Referent referent) {
  switch (referent) {
    case Referent::kNothing:
      return "";
    case Referent::kCommitment:
      return "commitment";
    case Referent::kConflict:
      return "conflict";
    case Referent::kViolation:
      return "violation";
    case Referent::kMisunderstanding:
      return "misunderstanding";
    case Referent::kObjective:
      return "objective";
  }
  return "";
}

std::string KindName(const Evidence& evidence) {
  const auto* const kind = Evidence::descriptor()->FindFieldByNumber(evidence.kind_case());
  return kind == nullptr ? std::string() : kind->name();
}

std::string KindFieldPath(absl::string_view path, const Evidence& evidence, absl::string_view field) {
  return absl::StrCat(path, ".", KindName(evidence), ".", field);
}

absl::string_view WantedKind(Referent referent) {
  switch (referent) {
    case Referent::kNothing:
      return "";
    case Referent::kCommitment:
      return "CommitmentMade";
    case Referent::kConflict:
      return "ConflictRaised, ConflictEscalated or FormalDisputeOpened";
    case Referent::kViolation:
      return "ViolationReported";
    case Referent::kMisunderstanding:
      return "MisunderstandingReported";
    case Referent::kObjective:
      return "SharedObjectiveAgreed";
  }
  return "";
}

absl::StatusOr<int64_t> ResolveEvent(const Partnership& state, absl::string_view partnership, Names other_names,
                                     absl::string_view path, absl::string_view text) {
  std::optional<int64_t> revision = projections::ParseEventName(partnership, text);
  if (!revision) revision = other_names(text);
  if (revision && *revision <= state.revision) return *revision;
  const std::string name = revision ? projections::EventName(partnership, *revision) : std::string(text);
  return NotFound(trust::v1::ERROR_REASON_EVENT_NOT_FOUND, "event", name,
                  absl::StrCat(path, ": the history of ", partnership, " holds no event ", Quoted(name),
                               "; its events are numbered 1 to ", state.revision),
                  {{"field", std::string(path)}, {"revision", absl::StrCat(state.revision)}});
}

absl::StatusOr<Resolved> ResolveReference(const Partnership& state, absl::string_view partnership, Names other_names,
                                          absl::string_view path, Evidence& evidence) {
  const Reference reference = ReferenceOf(evidence);
  if (reference.text.empty()) return Resolved();
  const absl::string_view field_name = FieldNameOf(reference.to);
  const std::string field = KindFieldPath(path, evidence, field_name);
  const absl::StatusOr<int64_t> revision = ResolveEvent(state, partnership, other_names, field, reference.text);
  if (!revision.ok()) return revision.status();
  const projections::EvidenceRecord* const named = projections::FindEvidence(state, *revision);
  const auto fits = [&](uint8_t kind) { return ReferentOf(static_cast<Evidence::KindCase>(kind)) == reference.to; };
  if (named == nullptr || (!fits(named->kind_in_force) && !fits(named->kind))) {
    const std::string name = projections::EventName(partnership, *revision);
    return FailedPrecondition(trust::v1::ERROR_REASON_WRONG_EVENT_KIND, name,
                              absl::StrCat(field, ": ", name, " is not of the kind ", WantedKind(reference.to),
                                           ", which a ", field_name, " must be"),
                              {{"event", name}, {"field", field}, {"wanted", std::string(WantedKind(reference.to))}});
  }
  const bool in_force = fits(named->kind_in_force);
  const Resolved resolved = {in_force ? named->matter : *revision, in_force};
  SetReference(evidence, field_name, projections::EventName(partnership, resolved.key));
  return resolved;
}

}  // namespace domain
