#include "services/trust_question.h"

#include <limits>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/domain/refusal.h"
#include "services/event_codec.h"
#include "services/log_position.h"
#include "services/service_parts.h"
#include "services/store_fault.h"

namespace services {

void CheckQuestion(bool has_as_of_time, const google::protobuf::Timestamp& as_of_time, bool has_known_time,
                   const google::protobuf::Timestamp& known_time, int64_t known_revision,
                   const std::string& known_position, trust::v1::View view, const std::string& policy,
                   QueryChecks& checks) {
  if (has_as_of_time) checks.Timestamp("as_of_time", as_of_time);
  if (has_known_time) checks.Timestamp("known_time", known_time);
  if (known_revision < 0) checks.Wrong("known_revision", "is negative; use 0 for everything");
  if (known_revision != 0 && has_known_time) {
    checks.Wrong("known_revision", "stands beside known_time; say by one of the two what was known");
  }
  if (!known_position.empty() && (known_revision != 0 || has_known_time)) {
    checks.Wrong("known_position",
                 "stands beside known_time or known_revision; say by one of the three what was known");
  }
  checks.Known("view", view);
  checks.PolicyName("policy", policy);
}

absl::StatusOr<uint64_t> KnownPosition(const eventstore::EventStore& store, const std::string& known_position) {
  const absl::Status reached = CheckMinPosition(store, known_position);
  if (!reached.ok()) return reached;
  return ParseLogPosition(known_position);
}

bool IsKnown(const TrustQuestion& question, const trust::v1::Event& event, uint64_t position) {
  if (question.known_position) return position <= *question.known_position;
  if (question.known_revision) return event.revision() <= *question.known_revision;
  if (!question.known_time) return true;
  const bool structure = event.has_partnership_proposed() || event.has_initial_contact_made();
  return structure || projections::KnownTime(event) <= *question.known_time;
}

absl::StatusOr<TrustFold> Fold(const TrustQuestion& question, const eventstore::EventStore& store,
                               PolicyRegistry& policies) {
  absl::Status status = policies.CatchUp(store);
  if (!status.ok()) return status;
  TrustFold fold;
  if (!question.policy.empty()) {
    const absl::StatusOr<PolicyRegistry::Registered> named = policies.Find(question.policy);
    if (!named.ok()) return named.status();
    fold.policy = *named;
  }
  // Which policy applies is known when the history is; until then nothing is judged.
  const absl::StatusOr<std::shared_ptr<const projections::Policy>> built_in = policies.Compile(*policies.built_in());
  if (!built_in.ok()) return built_in.status();
  fold.history = std::make_unique<projections::TrustHistory>(question.partnership, *built_in, question.view);

  trust::v1::Event event;
  std::string pinned;
  uint64_t last_position = 0;
  const absl::Status read = store.ReadStream(question.partnership, 0, [&](const eventstore::RecordedEvent& record) {
    status = DecodeForFold(record, &event);
    if (!status.ok()) return false;
    if (!IsKnown(question, event, record.position)) return question.known_time.has_value();
    last_position = record.position;
    if (event.has_policy_pinned()) pinned = absl::BytesToHexString(event.policy_pinned().policy_sha256());
    fold.history->Apply(event);
    return true;
  });
  if (!status.ok()) return ReadFault(status);
  if (!read.ok()) return ReadFault(read);
  if (last_position == 0) return PartnershipNotFound(question.partnership);
  if (question.known_revision && fold.history->revision() < *question.known_revision) {
    return domain::InvalidFields(
        {{"known_revision", absl::StrCat("is beyond the history, which has ", fold.history->revision(),
                                         " events; use one of them, or 0 for everything")}});
  }

  if (fold.policy == nullptr) {
    // Knowing the events up to a revision is knowing the log up to the place of the last.
    uint64_t position = question.known_position.value_or(std::numeric_limits<uint64_t>::max());
    if (question.known_revision) position = last_position;
    fold.policy = policies.Applies(pinned, question.known_time.value_or(absl::InfiniteFuture()), position);
  }
  absl::StatusOr<std::shared_ptr<const projections::Policy>> policy = policies.Compile(*fold.policy);
  if (!policy.ok()) return policy.status();
  fold.history->JudgeBy(*std::move(policy));
  fold.as_of = question.as_of.value_or(fold.history->latest_record_day());
  return fold;
}

}  // namespace services
