#include "services/domain/evidence_versions.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "projections/day.h"
#include "projections/event_name.h"
#include "services/domain/event_draft.h"
#include "services/domain/evidence_checks.h"
#include "services/domain/evidence_rules.h"
#include "services/domain/field_checks.h"
#include "services/domain/refusal.h"

namespace domain {
namespace {

using projections::EventName;
using projections::EvidenceRecord;
using projections::Partnership;
using trust::v1::Event;
using trust::v1::Evidence;

using Broken = std::vector<absl::Status>;

absl::Status NotOfKind(const Saying& saying, int64_t root, absl::string_view wanted) {
  const std::string name = EventName(saying.partnership, root);
  const std::string field = absl::StrCat(saying.path, "event");
  return FailedPrecondition(trust::v1::ERROR_REASON_WRONG_EVENT_KIND, name,
                            absl::StrCat(field, ": ", name, " is no ", wanted, ", and nothing else can be named here"),
                            {{"event", name}, {"field", field}, {"wanted", std::string(wanted)}});
}

// Whose record it is: its recorder's; of what an import tells as the actor's own word, the actor's, whoever the item
// named.
const std::string& OwnerOf(const Partnership& state, const EvidenceRecord& record) {
  const std::string& actor = projections::NameOf(state, record.actor);
  return record.source == trust::v1::SOURCE_SELF && actor != "*" ? actor : projections::NameOf(state, record.recorder);
}

// Finds the evidence that the name means and makes the name full. Errors: EVENT_NOT_FOUND, WRONG_EVENT_KIND.
absl::StatusOr<int64_t> ResolveEvidence(const Saying& saying, std::string& name) {
  const absl::StatusOr<int64_t> root =
      ResolveEvent(saying.state, saying.partnership, saying.other_names, absl::StrCat(saying.path, "event"), name);
  if (!root.ok()) return root.status();
  if (projections::FindEvidence(saying.state, *root) == nullptr) return NotOfKind(saying, *root, "evidence");
  name = EventName(saying.partnership, *root);
  return *root;
}

absl::Status Retracted(const Saying& saying, int64_t root, int64_t retraction) {
  const std::string name = EventName(saying.partnership, root);
  const std::string by = EventName(saying.partnership, retraction);
  const std::string field = absl::StrCat(saying.path, "event");
  return NotFound(trust::v1::ERROR_REASON_EVENT_NOT_FOUND, "event", name,
                  absl::StrCat(field, ": ", name, " was retracted by ", by,
                               " and says nothing any more; a correction would bring it back"),
                  {{"field", field}, {"retracted_by", by}});
}

void JudgeStands(const Saying& saying, int64_t root, Broken& broken) {
  const EvidenceRecord& record = *projections::FindEvidence(saying.state, root);
  if (record.kind_in_force == 0) broken.push_back(Retracted(saying, root, record.version));
}

// What was recorded is changed by its recorder; others contest it. One who is no partner has nothing to gain.
void JudgeEntitled(const Saying& saying, int64_t root, const std::string& recorder, absl::string_view speaker,
                   Broken& broken) {
  if (speaker.empty() || speaker == recorder || projections::FindPartner(saying.state, speaker) == nullptr) return;
  const std::string name = EventName(saying.partnership, root);
  broken.push_back(
      FailedPrecondition(trust::v1::ERROR_REASON_RECORDER_NOT_ENTITLED, name,
                         absl::StrCat(name, " was recorded by ", recorder, ", and ", speaker,
                                      " cannot change it; contest it, or let its recorder or a third party do it"),
                         {{"event", name}, {"recorder", std::string(speaker)}, {"entitled", recorder}}));
}

// What later evidence refers to stays what it is referred to as.
void JudgeKind(const Saying& saying, int64_t root, const Evidence& replacement, Broken& broken) {
  const EvidenceRecord& record = *projections::FindEvidence(saying.state, root);
  const auto kind = static_cast<Evidence::KindCase>(record.kind_in_force != 0 ? record.kind_in_force : record.kind);
  const Referent referent = ReferentOf(kind);
  if (referent == Referent::kNothing || !projections::IsReferredTo(saying.state, root)) return;
  if (ReferentOf(replacement.kind_case()) == referent && ReferenceOf(replacement).text.empty()) return;
  const std::string name = EventName(saying.partnership, root);
  const std::string field = absl::StrCat(saying.path, "replacement");
  broken.push_back(FailedPrecondition(
      trust::v1::ERROR_REASON_WRONG_EVENT_KIND, name,
      absl::StrCat(field, ": later evidence refers to ", name, " as what began a ", FieldNameOf(referent),
                   "; the replacement must be ", WantedKind(referent), " and refer to nothing itself"),
      {{"event", name}, {"field", field}, {"wanted", std::string(WantedKind(referent))}}));
}

// The corrected evidence as an event in the place of its root, without the evidence.
Event InPlace(const Partnership& state, const EvidenceRecord& record, const trust::v1::EvidenceCorrected& correction) {
  Event event;
  event.set_recorder(projections::NameOf(state, record.recorder));
  if (correction.has_occur_time()) {
    *event.mutable_occur_time() = correction.occur_time();
    event.set_occur_time_precision(correction.occur_time_precision());
  } else {
    *event.mutable_occur_time() = projections::ToTimestamp(record.occur_time);
    event.set_occur_time_precision(static_cast<trust::v1::TimePrecision>(record.precision));
  }
  if (correction.has_observe_time()) {
    *event.mutable_observe_time() = correction.observe_time();
  } else if (record.observe_time != absl::InfinitePast()) {
    *event.mutable_observe_time() = projections::ToTimestamp(record.observe_time);
  }
  return event;
}

// Makes a time the first instant of its period and says how exactly it is known.
void SetCorrectedTimes(trust::v1::EvidenceCorrected& correction) {
  if (correction.has_occur_time()) {
    const absl::Time time = projections::ToTime(correction.occur_time());
    const trust::v1::TimePrecision precision = projections::EffectivePrecision(time, correction.occur_time_precision());
    *correction.mutable_occur_time() = projections::ToTimestamp(projections::StartOfPeriod(time, precision));
    correction.set_occur_time_precision(precision);
  }
  if (correction.has_observe_time()) {
    *correction.mutable_observe_time() = projections::ToTimestamp(projections::ToTime(correction.observe_time()));
  }
}

void JudgeTimes(const Saying& saying, const Event& in_place, Broken& broken) {
  if (!in_place.has_observe_time()) return;
  if (projections::ToTime(in_place.observe_time()) >= projections::ToTime(in_place.occur_time())) return;
  broken.push_back(InvalidFields(
      {{absl::StrCat(saying.path, "observe_time"),
        absl::StrCat("lies before occur_time, ",
                     projections::FormatDay(projections::DayOf(projections::ToTime(in_place.occur_time()))),
                     "; where one of both is absent the original's counts: correct both")}}));
}

trust::v1::Source SourceOfReplacement(const Saying& saying, const EvidenceRecord& record, const Evidence& replacement) {
  if (saying.imported) {
    return replacement.source() == trust::v1::SOURCE_UNSPECIFIED ? trust::v1::SOURCE_COUNTERPART : replacement.source();
  }
  if (replacement.actor() == projections::NameOf(saying.state, record.actor)) {
    return static_cast<trust::v1::Source>(record.source);
  }
  return SourceOf(projections::NameOf(saying.state, record.recorder), replacement);
}

// Who speaks in the corrected record, for the rules about who may: its recorder, where that was said for certain.
absl::string_view SpeakerOfRoot(const Saying& saying, const EvidenceRecord& record, const Evidence& replacement) {
  if (!saying.imported && !record.imported) return projections::NameOf(saying.state, record.recorder);
  return replacement.source() == trust::v1::SOURCE_SELF ? absl::string_view(replacement.actor()) : "";
}

}  // namespace

absl::StatusOr<Broken> JudgeConfirmation(const Saying& saying, absl::string_view speaker, Event& event) {
  const absl::StatusOr<int64_t> root = ResolveEvidence(saying, *event.mutable_evidence_confirmed()->mutable_event());
  if (!root.ok()) return root.status();
  Broken broken;
  JudgeStands(saying, *root, broken);
  const EvidenceRecord& record = *projections::FindEvidence(saying.state, *root);
  const std::string& recorder = OwnerOf(saying.state, record);
  const std::string& actor = projections::NameOf(saying.state, record.actor_in_force);
  if (!speaker.empty() && (speaker == recorder || speaker == actor)) {
    const std::string name = EventName(saying.partnership, *root);
    // Of the others a confirmation would change no weight.
    const char* const remedy = record.source == trust::v1::SOURCE_SELF
                                   ? "; let another organization do it"
                                   : "; only what an actor recorded of itself needs to be confirmed";
    broken.push_back(FailedPrecondition(trust::v1::ERROR_REASON_RECORDER_NOT_ENTITLED, name,
                                        absl::StrCat(speaker, speaker == recorder ? " recorded " : " is the actor of ",
                                                     name, " and cannot confirm it", remedy),
                                        {{"event", name}, {"recorder", std::string(speaker)}, {"actor", actor}}));
  }
  return broken;
}

absl::StatusOr<Broken> JudgeContest(const Saying& saying, Event& event) {
  const absl::StatusOr<int64_t> root = ResolveEvidence(saying, *event.mutable_evidence_contested()->mutable_event());
  if (!root.ok()) return root.status();
  Broken broken;
  JudgeStands(saying, *root, broken);
  return broken;
}

absl::StatusOr<Broken> JudgeRetraction(const Saying& saying, absl::string_view speaker, Event& event) {
  std::string& name = *event.mutable_evidence_retracted()->mutable_event();
  const absl::StatusOr<int64_t> root =
      ResolveEvent(saying.state, saying.partnership, saying.other_names, absl::StrCat(saying.path, "event"), name);
  if (!root.ok()) return root.status();
  name = EventName(saying.partnership, *root);
  Broken broken;
  const Partnership& state = saying.state;
  if (const EvidenceRecord* const record = projections::FindEvidence(state, *root); record != nullptr) {
    JudgeStands(saying, *root, broken);
    JudgeEntitled(saying, *root, OwnerOf(state, *record), speaker, broken);
    return broken;
  }
  if (const auto remark = state.remarks.find(*root); remark != state.remarks.end()) {
    JudgeEntitled(saying, *root, projections::NameOf(state, remark->second), speaker, broken);
    return broken;
  }
  if (const auto retracted = state.retracted.find(*root); retracted != state.retracted.end()) {
    broken.push_back(Retracted(saying, *root, retracted->second));
    return broken;
  }
  const auto contact = state.contact_events.find(*root);
  if (contact == state.contact_events.end() || !contact->second.departed) {
    return NotOfKind(saying, *root, "evidence, confirmation, contest or departure");
  }
  return broken;
}

absl::StatusOr<Broken> JudgeCorrection(const Saying& saying, absl::string_view speaker, Event& event) {
  trust::v1::EvidenceCorrected& correction = *event.mutable_evidence_corrected();
  const absl::StatusOr<int64_t> root = ResolveEvidence(saying, *correction.mutable_event());
  if (!root.ok()) return root.status();
  const EvidenceRecord& record = *projections::FindEvidence(saying.state, *root);
  SetCorrectedTimes(correction);
  Evidence& replacement = *correction.mutable_replacement();
  const std::string path = absl::StrCat(saying.path, "replacement");
  absl::Status partners = CheckPartners(saying.state, saying.partnership, path, replacement);
  if (!partners.ok()) return partners;
  const absl::StatusOr<Resolved> referent =
      ResolveReference(saying.state, saying.partnership, saying.other_names, path, replacement);
  if (!referent.ok()) return referent.status();
  Event in_place = InPlace(saying.state, record, correction);
  FieldChecks checks;
  CheckEvidence(path, replacement,
                {saying.partnership, &in_place.occur_time(), in_place.occur_time_precision(), saying.imported}, checks);
  if (referent->key == *root) {
    checks.Wrong(KindFieldPath(path, replacement, FieldNameOf(ReferenceOf(replacement).to)),
                 "is the event that is corrected; nothing refers to itself");
  }
  absl::Status shape = checks.Verdict();
  if (!shape.ok()) return shape;
  MakeDefaultsExplicit(replacement);
  replacement.set_source(SourceOfReplacement(saying, record, replacement));

  Broken broken;
  JudgeEntitled(saying, *root, OwnerOf(saying.state, record), speaker, broken);
  JudgeKind(saying, *root, replacement, broken);
  JudgeTimes(saying, in_place, broken);
  *in_place.mutable_evidence() = replacement;
  // The replacement is judged as if the version in force had never been there, at the time the record was made.
  const Partnership without = projections::ExcerptWithout(
      saying.state, *root, referent->key, {replacement.actor_contact(), replacement.affected_contact()});
  for (absl::Status& rule :
       BrokenRules({without, saying.partnership, in_place, *referent, SpeakerOfRoot(saying, record, replacement),
                    projections::StartOf(record.known_day), path, record.matter})) {
    broken.push_back(std::move(rule));
  }
  return broken;
}

}  // namespace domain
