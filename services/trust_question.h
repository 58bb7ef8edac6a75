// The question that every reading of trust takes: which partnership, as of which day, knowing what, in which view,
// judged by which policy. Checks its shape, and folds the history that answers it.

#ifndef SERVICES_TRUST_QUESTION_H_
#define SERVICES_TRUST_QUESTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/event_store.h"
#include "projections/day.h"
#include "projections/trust_history.h"
#include "services/policy_registry.h"
#include "services/query_checks.h"
#include "trust/v1/reading.pb.h"

namespace services {

struct TrustQuestion {
  std::string partnership;
  std::optional<projections::Day> as_of;  // Absent: the day on which the last event known was recorded.
  // What is known: of these at most one is set.
  std::optional<absl::Time> known_time;
  std::optional<int64_t> known_revision;
  std::optional<uint64_t> known_position;
  trust::v1::View view = trust::v1::VIEW_HELD;
  std::string policy;  // A version label or a SHA-256; empty for the policy that applies.

  bool KnowsEverything() const { return !known_time && !known_revision && !known_position; }
};

// What answers a question.
struct TrustFold {
  std::unique_ptr<projections::TrustHistory> history;
  PolicyRegistry::Registered policy;  // That history judges by.
  projections::Day as_of = 0;
};

// Notes every wrong field of a request that asks a question.
void CheckQuestion(bool has_as_of_time, const google::protobuf::Timestamp& as_of_time, bool has_known_time,
                   const google::protobuf::Timestamp& known_time, int64_t known_revision,
                   const std::string& known_position, trust::v1::View view, const std::string& policy,
                   QueryChecks& checks);

template <class Request>
void CheckQuestion(const Request& request, QueryChecks& checks) {
  checks.Id("partnership", request.partnership());
  CheckQuestion(request.has_as_of_time(), request.as_of_time(), request.has_known_time(), request.known_time(),
                request.known_revision(), request.known_position(), request.view(), request.policy(), checks);
}

// The position of the log that a known_position names. Errors: INVALID_POSITION.
absl::StatusOr<uint64_t> KnownPosition(const eventstore::EventStore& store, const std::string& known_position);

// The question that a request asks. REQUIRES: CheckQuestion found nothing wrong. Errors: INVALID_POSITION.
template <class Request>
absl::StatusOr<TrustQuestion> QuestionOf(const Request& request, const eventstore::EventStore& store, absl::Time now) {
  TrustQuestion question;
  question.partnership = request.partnership();
  if (request.view() != trust::v1::VIEW_UNSPECIFIED) question.view = request.view();
  question.policy = request.policy();
  if (request.has_known_time()) question.known_time = projections::ToTime(request.known_time());
  if (request.known_revision() > 0) question.known_revision = request.known_revision();
  if (!request.known_position().empty()) {
    const absl::StatusOr<uint64_t> position = KnownPosition(store, request.known_position());
    if (!position.ok()) return position.status();
    question.known_position = *position;
  }
  if (request.has_as_of_time()) {
    question.as_of = projections::DayOf(projections::ToTime(request.as_of_time()));
  } else if (!question.known_revision) {
    question.as_of = projections::DayOf(now);
  }
  return question;
}

// Whether an event is known. The founding is known whatever the time, since the first day of the ties does not depend
// on what was known; a revision and a position cut the log itself.
bool IsKnown(const TrustQuestion& question, const trust::v1::Event& event, uint64_t position);

// Folds the history that answers a question, for this call alone. A partnership of which nothing was known is not
// found. Blocks on the disk. Errors: INVALID_FIELD for a revision beyond the history;
// PARTNERSHIP_NOT_FOUND, POLICY_NOT_FOUND, ALGORITHM_UNKNOWN, LOG_DAMAGED, INTERNAL.
[[nodiscard]] absl::StatusOr<TrustFold> Fold(const TrustQuestion& question, const eventstore::EventStore& store,
                                             PolicyRegistry& policies);

}  // namespace services

#endif  // SERVICES_TRUST_QUESTION_H_
