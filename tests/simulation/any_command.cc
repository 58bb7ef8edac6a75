#include "tests/simulation/any_command.h"

#include "absl/strings/str_cat.h"
#include "projections/day.h"
#include "tests/projections/random_log.h"

namespace simulation {
namespace {

const char* const kOrganizations[] = {"a", "b", "c"};

std::string Organization(Dice& dice) { return kOrganizations[dice.Below(3)]; }

google::protobuf::Timestamp Before(absl::Time now, int days, Dice& dice) {
  return projections::ToTimestamp(absl::FromUnixSeconds(absl::ToUnixSeconds(now)) -
                                  absl::Hours(24 * dice.Int(days) + 1 + dice.Int(24)));
}

// Of one of three towards the others.
trust::v1::Evidence DrawEvidence(Dice& dice) {
  trust::v1::Evidence evidence;
  const int actor = dice.Int(3);
  evidence.set_actor(kOrganizations[actor]);
  evidence.add_affected(kOrganizations[(actor + 1) % 3]);
  if (dice.Chance(40)) evidence.add_affected(kOrganizations[(actor + 2) % 3]);
  if (dice.Chance(50)) evidence.set_materiality(static_cast<trust::v1::Materiality>(dice.Int(4)));
  projections::RandomLog kinds(static_cast<uint32_t>(dice.Next()));
  kinds.SetKind(dice.Int(35), &evidence);
  return evidence;
}

// One of the history, most likely of the latest; sometimes one that is none.
std::string DrawReference(Dice& dice, const std::vector<trust::v1::Event>& history) {
  if (history.empty() || dice.Chance(5)) return "999";
  const size_t back = dice.Below(std::min<size_t>(history.size(), 6));
  return absl::StrCat(history[history.size() - 1 - back].revision());
}

trust::v1::CreatePartnershipRequest DrawFounding(Dice& dice, absl::Time now) {
  trust::v1::CreatePartnershipRequest request;
  for (const char* organization : kOrganizations) request.add_partners()->set_organization(organization);
  *request.mutable_initial_contact_time() = Before(now, 400, dice);
  return request;
}

trust::v1::RecordEvidenceRequest DrawRecord(Dice& dice, absl::Time now) {
  trust::v1::RecordEvidenceRequest request;
  *request.mutable_evidence() = DrawEvidence(dice);
  *request.mutable_occur_time() = Before(now, 300, dice);
  return request;
}

trust::v1::BatchRecordEvidenceRequest DrawBatch(Dice& dice, absl::Time now) {
  trust::v1::BatchRecordEvidenceRequest request;
  for (int items = 2 + dice.Int(4); items > 0; --items) {
    trust::v1::EvidenceItem& item = *request.add_items();
    *item.mutable_evidence() = DrawEvidence(dice);
    *item.mutable_occur_time() = Before(now, 300, dice);
  }
  return request;
}

trust::v1::CorrectEvidenceRequest DrawCorrection(Dice& dice, const std::vector<trust::v1::Event>& history,
                                                 absl::Time now) {
  trust::v1::CorrectEvidenceRequest request;
  request.set_event(DrawReference(dice, history));
  *request.mutable_replacement() = DrawEvidence(dice);
  if (dice.Chance(50)) *request.mutable_occur_time() = Before(now, 300, dice);
  return request;
}

template <class Request>
Request DrawWord(Dice& dice, const std::vector<trust::v1::Event>& history) {
  Request request;
  request.set_event(DrawReference(dice, history));
  return request;
}

template <class Request>
Request DrawPause(Dice& dice, absl::Time now) {
  Request request;
  *request.mutable_occur_time() = Before(now, 2, dice);
  return request;
}

AnyRequest DrawBare(Dice& dice, const std::vector<trust::v1::Event>& history, absl::Time now, bool revises) {
  if (history.empty() ? dice.Chance(85) : dice.Chance(3)) return DrawFounding(dice, now);
  const int what = dice.Int(100);
  if (!revises && what >= 65 && what < 92) return DrawRecord(dice, now);
  if (what < 50) return DrawRecord(dice, now);
  if (what < 65) return DrawBatch(dice, now);
  if (what < 73) return DrawWord<trust::v1::ConfirmEvidenceRequest>(dice, history);
  if (what < 78) return DrawWord<trust::v1::ContestEvidenceRequest>(dice, history);
  if (what < 86) return DrawCorrection(dice, history, now);
  if (what < 92) return DrawWord<trust::v1::RetractEvidenceRequest>(dice, history);
  if (what < 97) return DrawPause<trust::v1::SuspendPartnershipRequest>(dice, now);
  return DrawPause<trust::v1::ResumePartnershipRequest>(dice, now);
}

}  // namespace

AnyRequest DrawRequest(Dice& dice, const std::string& partnership, const std::vector<trust::v1::Event>& history,
                       absl::Time now, bool revises) {
  AnyRequest request = DrawBare(dice, history, now, revises);
  std::visit(
      [&](auto& message) {
        message.set_partnership(partnership);
        message.set_recorder(Organization(dice));
      },
      request);
  return request;
}

size_t EventsOf(const AnyRequest& request) {
  if (std::holds_alternative<trust::v1::CreatePartnershipRequest>(request)) return 2;
  const auto* const batch = std::get_if<trust::v1::BatchRecordEvidenceRequest>(&request);
  return batch == nullptr ? 1 : static_cast<size_t>(batch->items_size());
}

}  // namespace simulation
