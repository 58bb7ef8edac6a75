#include "services/event_codec.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "projections/day.h"
#include "services/log_position.h"

namespace services {
namespace {

// The name of the field with a number; empty when there is none.
absl::string_view FieldName(const google::protobuf::Descriptor* message, int number) {
  const google::protobuf::FieldDescriptor* const field = message->FindFieldByNumber(number);
  return field == nullptr ? absl::string_view() : absl::string_view(field->name().data(), field->name().size());
}

}  // namespace

std::string EventType(const trust::v1::Event& event) {
  const absl::string_view body = FieldName(trust::v1::Event::descriptor(), event.body_case());
  if (body.empty()) return "unknown";
  absl::string_view kind;
  if (event.has_evidence()) {
    kind = FieldName(trust::v1::Evidence::descriptor(), event.evidence().kind_case());
  } else if (event.has_milestone()) {
    kind = FieldName(trust::v1::Milestone::descriptor(), event.milestone().kind_case());
  } else {
    return std::string(body);
  }
  return absl::StrCat(body, ".", kind.empty() ? "unknown" : kind);
}

eventstore::EventData Encode(const trust::v1::Event& event) {
  eventstore::EventData data;
  data.type = EventType(event);
  if (event.has_note() || event.has_profile() || event.has_erasure() || event.unreadable()) {
    trust::v1::Event bare = event;
    bare.clear_note();
    bare.clear_profile();
    bare.clear_erasure();
    bare.clear_unreadable();
    bare.SerializeToString(&data.data);
  } else {
    event.SerializeToString(&data.data);
  }
  return data;
}

absl::Status Decode(const eventstore::RecordedEvent& record, bool with_position, trust::v1::Event* event) {
  if (!event->ParseFromArray(record.data.data(), static_cast<int>(record.data.size()))) {
    return absl::DataLossError(absl::StrCat("the payload at position ", record.position, " is not an event"));
  }
  event->set_partnership(record.stream.data(), record.stream.size());
  event->set_revision(static_cast<int64_t>(record.revision));
  *event->mutable_record_time() = projections::ToTimestamp(record.record_time);
  if (with_position) event->set_log_position(LogPositionToken(record.position));
  return absl::OkStatus();
}

}  // namespace services
