#include "services/assessment.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "eventstore/sha256.h"
#include "projections/assessment_text.h"
#include "projections/event_name.h"
#include "projections/trust_history.h"
#include "services/domain/refusal.h"
#include "services/event_codec.h"
#include "services/log_position.h"
#include "services/partnership_loader.h"
#include "services/query_checks.h"
#include "services/service_parts.h"
#include "services/store_fault.h"
#include "services/trust_query.h"
#include "services/trust_question.h"

namespace services {
namespace {

using projections::TrustHistory;
using trust::v1::DirectionReading;
using trust::v1::Event;

constexpr int kEventsBetweenLooks = 256;  // Whether anybody still waits.

// Reads and pins. The question says what was known.
absl::StatusOr<PinnedReading> Pin(const TrustQuestion& question, trust::v1::AssessmentIssued assessment,
                                  const eventstore::EventStore& store, PolicyRegistry& policies) {
  const absl::StatusOr<TrustFold> fold = Fold(question, store, policies);
  if (!fold.ok()) return fold.status();
  PinnedReading pinned;
  trust::v1::AssessTrustRequest asked;
  asked.set_partnership(question.partnership);
  asked.set_trustor(assessment.trustor());
  asked.set_trustee(assessment.trustee());
  const absl::Status read = Assess(*fold->history, asked, fold->as_of, &pinned.reading);
  if (!read.ok()) return read;
  pinned.reading.set_policy_version(fold->policy->version);
  pinned.reading.set_policy_sha256(fold->policy->sha256);
  pinned.reading.set_view(trust::v1::VIEW_HELD);
  pinned.text = projections::AssessmentText(pinned.reading);
  assessment.set_policy_sha256(eventstore::BytesOfHex(fold->policy->sha256));
  assessment.set_digest(eventstore::BytesOf(eventstore::Sha256(pinned.text)));
  pinned.assessment = std::move(assessment);
  return pinned;
}

TrustQuestion QuestionAt(const std::string& partnership, const trust::v1::AssessmentIssued& assessment) {
  TrustQuestion question;
  question.partnership = partnership;
  question.as_of = projections::DayOf(projections::ToTime(assessment.as_of_time()));
  question.known_position = static_cast<uint64_t>(assessment.log_size());
  return question;
}

// What a restatement compares.
bool SaysTheSame(const DirectionReading& a, const DirectionReading& b) {
  if (a.stage() != b.stage() || a.condition() != b.condition()) return false;
  return std::equal(a.facets().begin(), a.facets().end(), b.facets().begin(), b.facets().end(),
                    [](const auto& one, const auto& other) { return one.score_bp() == other.score_bp(); });
}

// An issued assessment on its way to a restatement.
struct Examined {
  Event event;
  std::vector<DirectionReading> issued, restated;

  const trust::v1::AssessmentIssued& assessment() const { return event.assessment_issued(); }
  uint64_t log_size() const { return static_cast<uint64_t>(assessment().log_size()); }
  projections::Day as_of() const { return projections::DayOf(projections::ToTime(assessment().as_of_time())); }
};

absl::Status JudgeByPinned(const Examined& examined, PolicyRegistry& policies, TrustHistory& history) {
  const absl::StatusOr<PolicyRegistry::Registered> policy =
      policies.Find(absl::BytesToHexString(examined.assessment().policy_sha256()));
  if (!policy.ok()) return policy.status();
  absl::StatusOr<std::shared_ptr<const projections::Policy>> compiled = policies.Compile(**policy);
  if (!compiled.ok()) return compiled.status();
  history.JudgeBy(*std::move(compiled));
  return absl::OkStatus();
}

// Reads the directions of an assessment as they were issued.
void ReadIssued(TrustHistory& history, Examined& examined) {
  for (const std::string& trustor : history.partners()) {
    for (const std::string& trustee : history.partners()) {
      const bool named = !examined.assessment().trustor().empty();
      if (trustor == trustee) continue;
      if (named && (trustor != examined.assessment().trustor() || trustee != examined.assessment().trustee())) continue;
      examined.issued.push_back(history.Read(trustor, trustee, examined.as_of()));
    }
  }
}

// Leaves the directions that differ, as issued and as they would be reported now.
void Restate(TrustHistory& history, Examined& examined) {
  std::vector<DirectionReading> issued = std::move(examined.issued);
  examined.issued.clear();
  for (DirectionReading& before : issued) {
    DirectionReading now = history.Read(before.trustor(), before.trustee(), examined.as_of());
    if (SaysTheSame(before, now)) continue;
    examined.issued.push_back(std::move(before));
    examined.restated.push_back(std::move(now));
  }
}

using Cancelled = absl::FunctionRef<bool()>;

absl::Status NobodyWaits() { return absl::CancelledError("nobody waits any more"); }

// Visits a partnership's events, decoded, with their positions. Errors: LOG_DAMAGED, INTERNAL, CANCELLED.
absl::Status VisitPlaced(const eventstore::EventStore& store, const std::string& partnership, Cancelled cancelled,
                         absl::FunctionRef<absl::Status(const Event& event, uint64_t position)> visit) {
  Event event;
  absl::Status status;
  int events = 0;
  const absl::Status read = store.ReadStream(partnership, 0, [&](const eventstore::RecordedEvent& record) {
    if (++events % kEventsBetweenLooks == 0 && cancelled()) {
      status = NobodyWaits();
      return false;
    }
    const absl::Status decoded = Decode(record, true, &event);
    status = decoded.ok() ? visit(event, record.position) : ReadFault(decoded);
    return status.ok();
  });
  if (!status.ok()) return status;
  return read.ok() ? read : ReadFault(read);
}

// The readings as issued and as now, in one pass over the history.
absl::Status ReadBoth(const eventstore::EventStore& store, const std::string& partnership, PolicyRegistry& policies,
                      Cancelled cancelled, TrustHistory& history, std::vector<Examined>& all) {
  std::vector<Examined*> pins;
  for (Examined& examined : all) pins.push_back(&examined);
  std::stable_sort(pins.begin(), pins.end(),
                   [](const Examined* a, const Examined* b) { return a->log_size() < b->log_size(); });
  auto pin = pins.begin();
  const auto read_until = [&](uint64_t position) {
    for (; pin != pins.end() && (*pin)->log_size() < position; ++pin) {
      if (cancelled()) return NobodyWaits();
      const absl::Status judged = JudgeByPinned(**pin, policies, history);
      if (!judged.ok()) return judged;
      ReadIssued(history, **pin);
    }
    return absl::OkStatus();
  };
  absl::Status status = VisitPlaced(store, partnership, cancelled, [&](const Event& event, uint64_t position) {
    const absl::Status read = read_until(position);
    if (read.ok()) history.Apply(event);
    return read;
  });
  if (status.ok()) status = read_until(std::numeric_limits<uint64_t>::max());
  for (Examined& examined : all) {
    if (status.ok() && cancelled()) status = NobodyWaits();
    if (status.ok()) status = JudgeByPinned(examined, policies, history);
    if (!status.ok()) return status;
    Restate(history, examined);
  }
  return status;
}

// The events recorded after the pin that changed what the assessment's directions say, each when it was recorded. Adds
// the readings that this took.
absl::Status FindCauses(const eventstore::EventStore& store, const std::string& partnership, PolicyRegistry& policies,
                        Cancelled cancelled, const Examined& examined, trust::v1::Restatement* restatement,
                        size_t* readings) {
  const absl::StatusOr<std::shared_ptr<const projections::Policy>> built_in = policies.Compile(*policies.built_in());
  if (!built_in.ok()) return built_in.status();
  TrustHistory history(partnership, *built_in);
  const absl::Status judged = JudgeByPinned(examined, policies, history);
  if (!judged.ok()) return judged;
  std::vector<DirectionReading> last = examined.issued;
  return VisitPlaced(store, partnership, cancelled, [&](const Event& event, uint64_t position) {
    history.Apply(event);
    if (position <= examined.log_size()) return absl::OkStatus();
    if (cancelled()) return NobodyWaits();
    *readings += last.size();
    bool changed = false;
    for (DirectionReading& before : last) {
      DirectionReading after = history.Read(before.trustor(), before.trustee(), examined.as_of(), false);
      changed = changed || !SaysTheSame(before, after);
      before = std::move(after);
    }
    if (changed) restatement->add_causes(projections::EventName(partnership, event.revision()));
    return absl::OkStatus();
  });
}

}  // namespace

absl::StatusOr<PinnedReading> MakeAssessment(const trust::v1::IssueAssessmentRequest& request,
                                             const eventstore::EventStore& store, PolicyRegistry& policies,
                                             absl::Time now) {
  trust::v1::AssessmentIssued assessment;
  assessment.set_assessment(request.assessment());
  assessment.set_trustor(request.trustor());
  assessment.set_trustee(request.trustee());
  const projections::Day as_of =
      projections::DayOf(request.has_as_of_time() ? projections::ToTime(request.as_of_time()) : now);
  *assessment.mutable_as_of_time() = projections::ToTimestamp(projections::StartOf(as_of));
  const uint64_t log_size = store.LogSize();
  if (log_size == 0) return PartnershipNotFound(request.partnership());
  assessment.set_log_size(static_cast<int64_t>(log_size));
  const absl::Status read = store.ReadLog(log_size - 1, [&](const eventstore::RecordedEvent& record) {
    *assessment.mutable_known_time() = projections::ToTimestamp(record.record_time);
    return false;
  });
  if (!read.ok()) return ReadFault(read);
  TrustQuestion question = QuestionAt(request.partnership(), assessment);
  question.policy = request.policy();
  return Pin(question, std::move(assessment), store, policies);
}

absl::StatusOr<PinnedReading> RecomputeAssessment(const std::string& partnership,
                                                  const trust::v1::AssessmentIssued& assessment,
                                                  const eventstore::EventStore& store, PolicyRegistry& policies) {
  TrustQuestion question = QuestionAt(partnership, assessment);
  question.policy = absl::BytesToHexString(assessment.policy_sha256());
  return Pin(question, assessment, store, policies);
}

absl::Status VerifyAssessmentNow(const eventstore::EventStore& store, PolicyRegistry& policies,
                                 const trust::v1::VerifyAssessmentRequest& request,
                                 trust::v1::VerifyAssessmentResponse* response) {
  QueryChecks checks;
  checks.Id("partnership", request.partnership());
  checks.Id("assessment", request.assessment());
  if (const absl::Status shape = checks.Verdict(); !shape.ok()) return shape;
  const absl::Status position = CheckMinPosition(store, request.min_position());
  if (!position.ok()) return position;
  bool exists = false;
  const absl::Status visited = VisitEvents(store, request.partnership(), 0, true, [&](Event& event) {
    exists = true;
    const bool found = event.has_assessment_issued() && event.assessment_issued().assessment() == request.assessment();
    if (found) response->mutable_event()->Swap(&event);
    return !found;
  });
  if (!visited.ok()) return visited;
  if (!exists) return PartnershipNotFound(request.partnership());
  if (!response->has_event()) {
    return domain::NotFound(
        trust::v1::ERROR_REASON_ASSESSMENT_NOT_FOUND, "assessment", request.assessment(),
        absl::StrCat(request.partnership(), " has no assessment ", request.assessment(), "; correct the id"));
  }
  absl::StatusOr<PinnedReading> again =
      RecomputeAssessment(request.partnership(), response->event().assessment_issued(), store, policies);
  if (!again.ok()) return again.status();
  response->set_verified(again->assessment.digest() == response->event().assessment_issued().digest());
  response->set_digest(absl::BytesToHexString(again->assessment.digest()));
  response->set_canonical_text(std::move(again->text));
  *response->mutable_reading() = std::move(again->reading);
  return absl::OkStatus();
}

absl::Status ListRestatementsNow(const eventstore::EventStore& store, PolicyRegistry& policies,
                                 const trust::v1::ListRestatementsRequest& request, absl::FunctionRef<bool()> cancelled,
                                 trust::v1::ListRestatementsResponse* response, const RestatementBudget& budget) {
  QueryChecks checks;
  checks.Id("partnership", request.partnership());
  const auto page_size = static_cast<size_t>(checks.PageSize(request.page_size()));
  if (const absl::Status shape = checks.Verdict(); !shape.ok()) return shape;
  absl::Status status = CheckMinPosition(store, request.min_position());
  if (!status.ok()) return status;
  const std::string arguments = absl::StrCat("ListRestatements\n", request.partnership());
  const absl::StatusOr<std::string> place = ParsePageToken(request.page_token(), arguments);
  if (!place.ok()) return place.status();
  int64_t after = 0;  // The revision of the last assessment that was looked at.
  if (!place->empty() && !absl::SimpleAtoi(*place, &after)) return InvalidPageToken();
  status = policies.CatchUp(store);
  if (!status.ok()) return status;

  std::vector<Examined> all;
  bool more = false;
  size_t partners = 0, directions = 0;
  status = VisitPlaced(store, request.partnership(), cancelled, [&](const Event& event, uint64_t) {
    partners +=
        static_cast<size_t>(event.partnership_proposed().partners_size()) + (event.has_partner_joined() ? 1 : 0);
    if (!event.has_assessment_issued() || event.revision() <= after || more) return absl::OkStatus();
    const bool named = !event.assessment_issued().trustor().empty();
    more = all.size() == budget.assessments_max || directions >= budget.directions_max;
    if (more) return absl::OkStatus();
    directions += named ? 1 : partners * (partners - 1);
    all.emplace_back().event = event;
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  const absl::StatusOr<uint64_t> revision = store.StreamRevision(request.partnership());
  if (!revision.ok()) return ReadFault(revision.status());
  if (*revision == 0) return PartnershipNotFound(request.partnership());
  const absl::StatusOr<std::shared_ptr<const projections::Policy>> built_in = policies.Compile(*policies.built_in());
  if (!built_in.ok()) return built_in.status();
  TrustHistory history(request.partnership(), *built_in);
  status = ReadBoth(store, request.partnership(), policies, cancelled, history, all);
  if (!status.ok()) return status;

  size_t readings = 0;
  for (Examined& examined : all) {
    if (static_cast<size_t>(response->restatements_size()) == page_size || readings >= budget.cause_readings_max) {
      more = true;
      break;
    }
    after = examined.event.revision();
    if (examined.issued.empty()) continue;
    trust::v1::Restatement& restatement = *response->add_restatements();
    *restatement.mutable_event() = examined.event;
    status = FindCauses(store, request.partnership(), policies, cancelled, examined, &restatement, &readings);
    if (!status.ok()) return status;
    for (DirectionReading& issued : examined.issued) *restatement.add_issued() = std::move(issued);
    for (DirectionReading& restated : examined.restated) *restatement.add_restated() = std::move(restated);
  }
  if (more) response->set_next_page_token(PageToken(absl::StrCat(after), arguments));
  return absl::OkStatus();
}

}  // namespace services
