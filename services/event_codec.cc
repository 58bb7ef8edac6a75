#include "services/event_codec.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "projections/day.h"
#include "services/log_position.h"

namespace services {
namespace {

// The name of the field that is set in the oneof of that name; empty when none is.
absl::string_view SetField(const google::protobuf::Message& message, const char* oneof_name) {
  const google::protobuf::OneofDescriptor* oneof = message.GetDescriptor()->FindOneofByName(oneof_name);
  const google::protobuf::FieldDescriptor* field = message.GetReflection()->GetOneofFieldDescriptor(message, oneof);
  return field == nullptr ? absl::string_view() : absl::string_view(field->name().data(), field->name().size());
}

}  // namespace

std::string EventType(const trust::v1::Event& event) {
  const absl::string_view body = SetField(event, "body");
  if (body.empty()) return "unknown";
  absl::string_view kind;
  if (event.has_evidence()) {
    kind = SetField(event.evidence(), "kind");
  } else if (event.has_milestone()) {
    kind = SetField(event.milestone(), "kind");
  } else {
    return std::string(body);
  }
  return absl::StrCat(body, ".", kind.empty() ? "unknown" : kind);
}

eventstore::EventData Encode(const trust::v1::Event& event) {
  eventstore::EventData data;
  data.type = EventType(event);
  event.SerializeToString(&data.data);
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
