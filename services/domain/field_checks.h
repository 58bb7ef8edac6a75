// Collects everything that is wrong with the fields of one request, so that a caller learns all of it at once. Lives
// for one request; not thread-safe. Knows no state: what depends on a partnership's history is judged by the decider.

#ifndef SERVICES_DOMAIN_FIELD_CHECKS_H_
#define SERVICES_DOMAIN_FIELD_CHECKS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"
#include "services/domain/refusal.h"
#include "trust/v1/events.pb.h"

namespace domain {

class FieldChecks {
 public:
  // Notes that a field is wrong; description says what would be right.
  void Wrong(absl::string_view field, absl::string_view description);

  // Each check notes at most one violation of its field.
  void Id(absl::string_view field, absl::string_view value);          // Required.
  void OptionalId(absl::string_view field, absl::string_view value);  // Empty, or an id.
  // A policy's version label or SHA-256, or empty.
  void PolicyName(absl::string_view field, absl::string_view name);
  void DisplayText(absl::string_view field, absl::string_view value, size_t size_max);
  // A note about a person, and who a person is. What is said of them names neither text nor profile.
  void Note(absl::string_view field, const trust::v1::Note& note);
  void Profile(absl::string_view field, const trust::v1::ContactProfile& profile);
  void Range(absl::string_view field, int64_t value, int64_t min, int64_t max);
  void Count(absl::string_view field, int64_t count, int64_t min, int64_t max);
  // A value of the enum that is not zero, or also zero when it stands for a default.
  template <typename Enum>
  void Required(absl::string_view field, Enum value) {
    if (value == 0) return Wrong(field, "is required");
    Known(field, value);
  }
  template <typename Enum>
  void Known(absl::string_view field, Enum value) {
    const google::protobuf::EnumDescriptor& names = *google::protobuf::GetEnumDescriptor<Enum>();
    if (names.FindValueByNumber(value) == nullptr) {
      Wrong(field, absl::StrCat(static_cast<int>(value), " is no value of ", names.name()));
    }
  }

  // Whether the timestamp lies in the years 1 to 9999 and its nanos in 0 to 999999999; notes it when not.
  bool Timestamp(absl::string_view field, const google::protobuf::Timestamp& timestamp);

  // request_id, correlation_id, causation_id and, where the request has one, expected_revision.
  template <typename Request>
  void Command(const Request& request) {
    RequestId(request.request_id());
    TraceId("correlation_id", request.correlation_id());
    TraceId("causation_id", request.causation_id());
    if constexpr (requires { request.has_expected_revision(); }) {
      if (request.has_expected_revision()) ExpectedRevision(request.expected_revision());
    }
  }

  // occur_time, its precision and, where there is one, observe_time. prefix stands before each name: "items[3].".
  template <typename Dated>
  void Times(absl::string_view prefix, const Dated& dated, absl::Time now) {
    const google::protobuf::Timestamp* const occur_time = dated.has_occur_time() ? &dated.occur_time() : nullptr;
    OccurTime(absl::StrCat(prefix, "occur_time"), occur_time, dated.occur_time_precision(), now);
    if constexpr (requires { dated.has_observe_time(); }) {
      if (dated.has_observe_time()) {
        ObserveTime(absl::StrCat(prefix, "observe_time"), dated.observe_time(), occur_time,
                    dated.occur_time_precision(), now);
      }
    }
  }

  // The same of times that may be left out; a precision without its time is wrong.
  template <typename Dated>
  void OptionalTimes(absl::string_view prefix, const Dated& dated, absl::Time now) {
    if (dated.has_occur_time()) return Times(prefix, dated, now);
    if (dated.occur_time_precision() != trust::v1::TIME_PRECISION_UNSPECIFIED) {
      Wrong(absl::StrCat(prefix, "occur_time_precision"),
            "says how exactly occur_time is known; give both, or neither");
    }
    if constexpr (requires { dated.has_observe_time(); }) {
      if (dated.has_observe_time()) {
        ObserveTime(absl::StrCat(prefix, "observe_time"), dated.observe_time(), nullptr,
                    trust::v1::TIME_PRECISION_UNSPECIFIED, now);
      }
    }
  }

  // A reference to an event of the partnership: 17 or its full name; with external ids also one of those.
  void EventReference(absl::string_view field, absl::string_view partnership, absl::string_view value, bool imported);

  // A required time that is not in the future, by the first instant of its period. field + "_precision" names its
  // precision.
  void OccurTime(absl::string_view field, const google::protobuf::Timestamp* time, trust::v1::TimePrecision precision,
                 absl::Time now);

  // OK, or INVALID_FIELD naming every wrong field in the order they were noted.
  absl::Status Verdict() const;

 private:
  void RequestId(absl::string_view value);
  void TraceId(absl::string_view field, absl::string_view value);
  void ExpectedRevision(int64_t value);
  void ObserveTime(absl::string_view field, const google::protobuf::Timestamp& time,
                   const google::protobuf::Timestamp* occur_time, trust::v1::TimePrecision precision, absl::Time now);

  std::vector<FieldViolation> violations_;
};

// A caller's text for a message: quoted, with control characters escaped, cut to a size that a message can hold.
std::string Quoted(absl::string_view text);

}  // namespace domain

#endif  // SERVICES_DOMAIN_FIELD_CHECKS_H_
