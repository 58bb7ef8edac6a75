// domain::DecideImport, declared in decider.h: histories kept elsewhere, taken in as they were.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "projections/day.h"
#include "services/domain/decider.h"
#include "services/domain/event_draft.h"
#include "services/domain/evidence_reference.h"
#include "services/domain/evidence_rules.h"
#include "services/domain/evidence_versions.h"
#include "services/domain/refusal.h"
#include "services/domain/structure_rules.h"

namespace domain {
namespace {

using projections::Partnership;
using trust::v1::Event;
using trust::v1::ImportItem;

using Events = std::vector<Event>;

// One who recorded it, where the item does not say: the first affected, else the first partner.
std::string DefaultRecorder(const Partnership& state, const ImportItem& item) {
  const trust::v1::Evidence& evidence =
      item.has_evidence_corrected() ? item.evidence_corrected().replacement() : item.evidence();
  if (!evidence.affected().empty()) return evidence.affected(0);
  if (!item.partnership_proposed().partners().empty()) return item.partnership_proposed().partners(0).organization();
  return state.partners.empty() ? std::string() : state.partners.front().organization;
}

// When it became known, where the item does not say: when it was observed, else on the day that stands for occur_time;
// never later than now, never before the item before.
absl::Time DefaultRecordTime(const Partnership& state, const ImportItem& item, const Event& event, absl::Time now) {
  absl::Time time;
  if (item.has_observe_time()) {
    time = projections::ToTime(event.observe_time());
  } else {
    const absl::Time begin = projections::ToTime(event.occur_time());
    const projections::Day day =
        projections::RepresentativeDay(begin, event.occur_time_precision(), projections::DayOf(now));
    time = std::max(begin, projections::StartOf(day));
  }
  time = std::min(time, now);
  return std::max(time, state.latest_original_record_time.value_or(time));
}

absl::Status CheckOrder(const Partnership& state, const ImportItem& item) {
  if (!item.has_original_record_time() || !state.latest_original_record_time) return absl::OkStatus();
  const absl::Time time =
      projections::ToTime(projections::ToTimestamp(projections::ToTime(item.original_record_time())));
  if (time >= *state.latest_original_record_time) return absl::OkStatus();
  const auto text = [](absl::Time t) { return absl::FormatTime(absl::RFC3339_full, t, absl::UTCTimeZone()); };
  return FailedPrecondition(
      trust::v1::ERROR_REASON_IMPORT_OUT_OF_ORDER, item.external_id(),
      absl::StrCat("original_record_time: ", text(time), " lies before that of the item imported before, ",
                   text(*state.latest_original_record_time), "; import in the order of recording"),
      {{"external_id", item.external_id()},
       {"given", text(time)},
       {"previous", text(*state.latest_original_record_time)}});
}

// Everything but the body, the warnings left empty.
Event ImportEnvelope(const Partnership& state, const ImportItem& item, const Context& context) {
  Event event;
  event.set_recorder(item.recorder().empty() ? DefaultRecorder(state, item) : item.recorder());
  event.set_principal(context.principal);
  SetTimes(item.occur_time(), item.occur_time_precision(), item.has_observe_time() ? &item.observe_time() : nullptr,
           event);
  trust::v1::ImportOrigin& origin = *event.mutable_import_origin();
  origin.set_external_id(item.external_id());
  const absl::Time recorded = item.has_original_record_time() ? projections::ToTime(item.original_record_time())
                                                              : DefaultRecordTime(state, item, event, context.now);
  *origin.mutable_original_record_time() = projections::ToTimestamp(recorded);
  origin.set_citation(item.citation());
  origin.set_synthetic(item.synthetic());
  return event;
}

void Warn(const absl::Status& broken, Event& event) {
  if (!broken.ok()) event.mutable_import_origin()->add_warnings(std::string(broken.message()));
}

// Who may have spoken, for the rules about who may: the recorder where the item names one, the actor where it says
// SELF.
absl::string_view SpeakerOf(const ImportItem& item) {
  if (!item.recorder().empty()) return item.recorder();
  return item.evidence().source() == trust::v1::SOURCE_SELF ? absl::string_view(item.evidence().actor()) : "";
}

absl::Status SetEvidence(const Partnership& state, const ImportItem& item, ExternalIds external_ids,
                         const Context& context, Event& event) {
  trust::v1::Evidence& evidence = *event.mutable_evidence();
  evidence = item.evidence();
  absl::Status partners = CheckPartners(state, item.partnership(), "evidence", evidence);
  if (!partners.ok()) return partners;
  const absl::StatusOr<Resolved> referent =
      ResolveReference(state, item.partnership(), external_ids, "evidence", evidence);
  if (!referent.ok()) return referent.status();
  MakeDefaultsExplicit(evidence);
  if (evidence.source() == trust::v1::SOURCE_UNSPECIFIED) evidence.set_source(trust::v1::SOURCE_COUNTERPART);
  for (const absl::Status& broken :
       BrokenRules({state, item.partnership(), event, *referent, SpeakerOf(item), context.now})) {
    Warn(broken, event);
  }
  return absl::OkStatus();
}

Saying SayingOf(const Partnership& state, const ImportItem& item, ExternalIds external_ids, absl::string_view path) {
  return {state, item.partnership(), external_ids, path, true};
}

// Notes every broken rule. Errors: those of the judgement itself.
absl::Status Warn(const absl::StatusOr<std::vector<absl::Status>>& broken, Event& event) {
  if (!broken.ok()) return broken.status();
  for (const absl::Status& rule : *broken) Warn(rule, event);
  return absl::OkStatus();
}

absl::Status SetStructure(const Partnership& state, const ImportItem& item, absl::string_view path, Event& event) {
  absl::Status known = CheckStructure(state, item.partnership(), path, event);
  if (!known.ok()) return known;
  return Warn(BrokenStructureRules(state, item.partnership(), path, event), event);
}

absl::Status SetBody(const Partnership& state, const ImportItem& item, ExternalIds external_ids, const Context& context,
                     Event& event) {
  switch (item.body_case()) {
    case ImportItem::kEvidence:
      return SetEvidence(state, item, external_ids, context, event);
    case ImportItem::kMilestone: {
      absl::Status partners = CheckPartners(state, item.partnership(), item.milestone());
      if (!partners.ok()) return partners;
      Warn(CheckNotEnded(state, item.partnership(), projections::ToTime(event.occur_time())), event);
      SetMilestone(state, item.milestone(), event);
      return absl::OkStatus();
    }
    case ImportItem::kPartnershipSuspended:
      Warn(CheckMaySuspend(state, item.partnership()), event);
      event.mutable_partnership_suspended();
      return absl::OkStatus();
    case ImportItem::kPartnershipResumed:
      Warn(CheckMayResume(state, item.partnership()), event);
      event.mutable_partnership_resumed();
      return absl::OkStatus();
    case ImportItem::kPartnershipTerminated:
      Warn(CheckMayEnd(state, item.partnership(), event), event);
      *event.mutable_partnership_terminated() = item.partnership_terminated();
      return absl::OkStatus();
    case ImportItem::kEvidenceConfirmed:
      *event.mutable_evidence_confirmed() = item.evidence_confirmed();
      return Warn(JudgeConfirmation(SayingOf(state, item, external_ids, "evidence_confirmed."), item.recorder(), event),
                  event);
    case ImportItem::kEvidenceContested:
      *event.mutable_evidence_contested() = item.evidence_contested();
      return Warn(JudgeContest(SayingOf(state, item, external_ids, "evidence_contested."), event), event);
    case ImportItem::kEvidenceCorrected:
      *event.mutable_evidence_corrected() = item.evidence_corrected();
      return Warn(JudgeCorrection(SayingOf(state, item, external_ids, "evidence_corrected."), item.recorder(), event),
                  event);
    case ImportItem::kEvidenceRetracted:
      *event.mutable_evidence_retracted() = item.evidence_retracted();
      return Warn(JudgeRetraction(SayingOf(state, item, external_ids, "evidence_retracted."), item.recorder(), event),
                  event);
    case ImportItem::kPartnerJoined:
      SetJoined(item.partner_joined().partner(), event);
      return SetStructure(state, item, "partner_joined.", event);
    case ImportItem::kPartnerLeft:
      *event.mutable_partner_left() = item.partner_left();
      return SetStructure(state, item, "partner_left.", event);
    case ImportItem::kTieDeclared:
      SetTie(item.tie_declared().organizations(), event);
      return SetStructure(state, item, "tie_declared.", event);
    case ImportItem::kInitialContactMade:
      *event.mutable_initial_contact_made() = item.initial_contact_made();
      return SetStructure(state, item, "initial_contact_made.", event);
    case ImportItem::kContactAssigned:
      *event.mutable_contact_assigned() = item.contact_assigned();
      return SetStructure(state, item, "contact_assigned.", event);
    case ImportItem::kContactDeparted:
      *event.mutable_contact_departed() = item.contact_departed();
      return SetStructure(state, item, "contact_departed.", event);
    case ImportItem::kPartnershipProposed:
    case ImportItem::BODY_NOT_SET:
      return InvalidFields({{"body", "says nothing of what happened; set evidence, or another kind of item"}});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Events> DecideImport(const Partnership& state, const ImportItem& item, ExternalIds external_ids,
                                    const Context& context) {
  if (item.has_partnership_proposed()) {
    if (state.revision > 0) {
      return AlreadyExists(trust::v1::ERROR_REASON_PARTNERSHIP_EXISTS, "partnership", item.partnership(),
                           absl::StrCat("the partnership ", item.partnership(),
                                        " exists; leave out its founding, or choose another id"));
    }
    return Found(item.partnership(), item.partnership_proposed().display_name(), item.partnership_proposed().partners(),
                 ImportEnvelope(state, item, context));
  }
  absl::Status exists = CheckExists(state, item.partnership());
  if (!exists.ok()) return exists;
  if (!state.imported_only) {
    return FailedPrecondition(
        trust::v1::ERROR_REASON_PARTNERSHIP_LIVE, absl::StrCat("partnerships/", item.partnership()),
        absl::StrCat(item.partnership(), " holds events recorded live, which closed it to import; ",
                     "record this as late evidence"),
        {{"partnership", item.partnership()}});
  }
  absl::Status order = CheckOrder(state, item);
  if (!order.ok()) return order;
  Event event = ImportEnvelope(state, item, context);
  absl::Status body = SetBody(state, item, external_ids, context, event);
  if (!body.ok()) return body;
  return Only(std::move(event));
}

}  // namespace domain
