#include "services/domain/field_checks.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "projections/day.h"
#include "projections/event_name.h"
#include "services/domain/identifier.h"
#include "services/domain/limits.h"

namespace domain {
namespace {

constexpr absl::string_view kIdGrammar =
    "an id is 1 to 63 lower-case letters, digits and hyphens, beginning with a letter, not ending in a hyphen";

bool IsFuture(absl::Time time, absl::Time now) { return time > now + absl::Hours(kClockToleranceHours); }

bool IsInRange(const google::protobuf::Timestamp& timestamp) {
  return timestamp.seconds() >= kTimestampSecondsMin && timestamp.seconds() <= kTimestampSecondsMax &&
         timestamp.nanos() >= 0 && timestamp.nanos() < 1'000'000'000;
}

std::string InTheFuture(absl::Time time, absl::Time now) {
  return absl::StrCat(absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone()),
                      " lies in the future; the service's clock reads ",
                      absl::FormatTime(absl::RFC3339_sec, now, absl::UTCTimeZone()), " and tolerates ",
                      kClockToleranceHours, " hours");
}

}  // namespace

std::string Quoted(absl::string_view text) {
  constexpr size_t kShown = 80;
  return absl::StrCat("'", absl::CHexEscape(text.substr(0, kShown)), text.size() > kShown ? "..." : "", "'");
}

void FieldChecks::Wrong(absl::string_view field, absl::string_view description) {
  violations_.push_back({std::string(field), std::string(description)});
}

void FieldChecks::Id(absl::string_view field, absl::string_view value) {
  if (value.empty()) return Wrong(field, absl::StrCat("is required; ", kIdGrammar));
  OptionalId(field, value);
}

void FieldChecks::OptionalId(absl::string_view field, absl::string_view value) {
  if (!value.empty() && !IsId(value)) Wrong(field, absl::StrCat(Quoted(value), " is no id; ", kIdGrammar));
}

void FieldChecks::PolicyName(absl::string_view field, absl::string_view name) {
  if (name.empty() || IsPolicyLabel(name) || IsSha256(name)) return;
  Wrong(field, absl::StrCat(Quoted(name), " names no policy; write its version label, as trust-stages/1.0.0, or its ",
                            "SHA-256 in lower-case hexadecimal"));
}

void FieldChecks::DisplayText(absl::string_view field, absl::string_view value, size_t size_max) {
  if (value.size() > size_max) {
    Wrong(field, absl::StrCat("has ", value.size(), " bytes; at most ", size_max, " are allowed"));
  } else if (!IsDisplayText(value)) {
    Wrong(field, "must be UTF-8 without control characters");
  }
}

void FieldChecks::Note(absl::string_view field, const trust::v1::Note& note) {
  Id(absl::StrCat(field, ".contact"), note.contact());
  const std::string text_field = absl::StrCat(field, ".text");
  if (note.text().empty()) return Wrong(text_field, "is required; leave the note out when there is none");
  DisplayText(text_field, absl::StrReplaceAll(note.text(), {{"\n", " "}, {"\t", " "}}), kNoteSizeMax);
}

void FieldChecks::Profile(absl::string_view field, const trust::v1::ContactProfile& profile) {
  const bool empty = profile.display_name().empty() && profile.email().empty() && profile.phone().empty() &&
                     profile.position().empty();
  if (empty) return Wrong(field, "says nothing; set a field of it, or leave it out");
  DisplayText(absl::StrCat(field, ".display_name"), profile.display_name(), kDisplayNameSizeMax);
  DisplayText(absl::StrCat(field, ".email"), profile.email(), kEmailSizeMax);
  DisplayText(absl::StrCat(field, ".phone"), profile.phone(), kPhoneSizeMax);
  DisplayText(absl::StrCat(field, ".position"), profile.position(), kDisplayNameSizeMax);
}

void FieldChecks::Range(absl::string_view field, int64_t value, int64_t min, int64_t max) {
  if (value < min || value > max) Wrong(field, absl::StrCat(value, " is not between ", min, " and ", max));
}

void FieldChecks::Count(absl::string_view field, int64_t count, int64_t min, int64_t max) {
  if (count < min || count > max)
    Wrong(field, absl::StrCat("has ", count, " entries; ", min, " to ", max, " are allowed"));
}

bool FieldChecks::Timestamp(absl::string_view field, const google::protobuf::Timestamp& timestamp) {
  if (IsInRange(timestamp)) return true;
  Wrong(field, "is no valid time: it must lie in the years 1 to 9999, with nanos from 0 to 999999999");
  return false;
}

void FieldChecks::OccurTime(absl::string_view field, const google::protobuf::Timestamp* time,
                            trust::v1::TimePrecision precision, absl::Time now) {
  Known(absl::StrCat(field, "_precision"), precision);
  if (time == nullptr) return Wrong(field, "is required");
  if (!Timestamp(field, *time)) return;
  const absl::Time begin = projections::StartOfPeriod(projections::ToTime(*time), precision);
  if (IsFuture(begin, now)) Wrong(field, InTheFuture(begin, now));
}

void FieldChecks::ObserveTime(absl::string_view field, const google::protobuf::Timestamp& time,
                              const google::protobuf::Timestamp* occur_time, trust::v1::TimePrecision precision,
                              absl::Time now) {
  if (!Timestamp(field, time)) return;
  const absl::Time observed = projections::ToTime(time);
  if (IsFuture(observed, now)) return Wrong(field, InTheFuture(observed, now));
  if (occur_time == nullptr || !IsInRange(*occur_time)) return;
  if (observed < projections::StartOfPeriod(projections::ToTime(*occur_time), precision)) {
    Wrong(field, "lies before occur_time; nothing is learned of before it happened");
  }
}

void FieldChecks::EventReference(absl::string_view field, absl::string_view partnership, absl::string_view value,
                                 bool imported) {
  if (value.empty()) return Wrong(field, "is required: the event it is about, such as 17");
  if (projections::ParseEventName(partnership, value)) return;
  if (imported && IsExternalId(value)) return;
  Wrong(field, absl::StrCat(Quoted(value), " names no event of this partnership; write 17 or ",
                            projections::EventName(IsId(partnership) ? partnership : "x", 17),
                            imported ? ", or the external_id of an item" : ""));
}

void FieldChecks::RequestId(absl::string_view value) {
  if (!value.empty() && !IsUuid(value)) {
    Wrong("request_id", absl::StrCat(Quoted(value), " is no UUID; write one as 123e4567-e89b-12d3-a456-426614174000"));
  }
}

void FieldChecks::TraceId(absl::string_view field, absl::string_view value) {
  if (!IsTraceId(value)) Wrong(field, absl::StrCat("must be printable ASCII of at most ", kTraceIdSizeMax, " bytes"));
}

void FieldChecks::ExpectedRevision(int64_t value) {
  if (value < 0)
    Wrong("expected_revision", absl::StrCat(value, " is negative; it is the number of events seen, 0 or more"));
}

absl::Status FieldChecks::Verdict() const {
  return violations_.empty() ? absl::OkStatus() : InvalidFields(violations_);
}

}  // namespace domain
