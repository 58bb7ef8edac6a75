// The requests that become events. Promised: a wrong field is named, and the refusal fits into an answer however much
// is wrong; what is accepted is decided without a fault, and its events can be stored, read and folded.

#include <string>
#include <vector>

#include "projections/partnership.h"
#include "services/domain/decider.h"
#include "services/domain/policy_decider.h"
#include "services/event_codec.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using fuzz::Require;

const domain::Context& Surroundings() {
  static const auto* const context = new domain::Context{absl::FromUnixSeconds(1'700'000'000), ""};
  return *context;
}

// Takes in events as the log would hand them back.
void Take(std::vector<trust::v1::Event> events, projections::Partnership* state) {
  for (const trust::v1::Event& event : events) {
    const eventstore::EventData data = services::Encode(event);
    Require(data.data.size() <= eventstore::kEventBytesMax, "an event can be stored");
    eventstore::RecordedEvent record = {};
    record.stream = "alpha";
    record.revision = static_cast<uint64_t>(state->revision) + 1;
    record.record_time = Surroundings().now;
    record.data = data.data;
    trust::v1::Event returned;
    Require(services::Decode(record, false, &returned).ok(), "an event can be read");
    projections::Evolve(*state, returned);
  }
}

// Two partners who have met.
const projections::Partnership& Founded() {
  static const auto* const founded = [] {
    auto* const state = new projections::Partnership;
    trust::v1::CreatePartnershipRequest request;
    request.set_partnership("alpha");
    request.set_recorder("acme");
    for (const char* const name : {"acme", "bolt"}) {
      trust::v1::Partner& partner = *request.add_partners();
      partner.set_organization(name);
      partner.set_display_name(name);
    }
    request.mutable_initial_contact_time()->set_seconds(1'600'000'000);
    Require(domain::Validate(request, Surroundings()).ok(), "a partnership can be founded");
    Take(*domain::Decide(*state, request, Surroundings()), state);
    return state;
  }();
  return *founded;
}

template <class Request>
void Judge(absl::string_view bytes) {
  Request request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  const absl::Status valid = domain::Validate(request, Surroundings());
  fuzz::RequireFits(valid);
  if (!valid.ok()) return;
  projections::Partnership state = Founded();
  const absl::StatusOr<std::vector<trust::v1::Event>> events = domain::Decide(state, request, Surroundings());
  fuzz::RequireFits(events.status());
  if (!events.ok()) return;
  Require(!events->empty(), "a decision makes an event");
  Take(*events, &state);
}

void JudgeItem(absl::string_view bytes) {
  trust::v1::ImportItem item;
  if (!item.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  const absl::Status valid = domain::Validate(item, Surroundings());
  fuzz::RequireFits(valid);
  if (!valid.ok()) return;
  projections::Partnership state;
  const auto events = domain::DecideImport(
      state, item, [](absl::string_view) { return std::optional<int64_t>(); }, Surroundings());
  fuzz::RequireFits(events.status());
  if (events.ok()) Take(*events, &state);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  using Judgement = void (*)(absl::string_view);
  static constexpr Judgement kJudgements[] = {Judge<trust::v1::CreatePartnershipRequest>,
                                              Judge<trust::v1::RecordMilestoneRequest>,
                                              Judge<trust::v1::SuspendPartnershipRequest>,
                                              Judge<trust::v1::ResumePartnershipRequest>,
                                              Judge<trust::v1::TerminatePartnershipRequest>,
                                              Judge<trust::v1::RecordEvidenceRequest>,
                                              Judge<trust::v1::BatchRecordEvidenceRequest>,
                                              Judge<trust::v1::CorrectEvidenceRequest>,
                                              Judge<trust::v1::RetractEvidenceRequest>,
                                              Judge<trust::v1::ConfirmEvidenceRequest>,
                                              Judge<trust::v1::ContestEvidenceRequest>,
                                              Judge<trust::v1::AddPartnerRequest>,
                                              Judge<trust::v1::RemovePartnerRequest>,
                                              Judge<trust::v1::DeclareTieRequest>,
                                              Judge<trust::v1::AssignContactRequest>,
                                              Judge<trust::v1::ReleaseContactRequest>,
                                              JudgeItem};
  kJudgements[input.Pick(std::size(kJudgements))](input.Rest());
  return 0;
}
