#include "services/event_codec.h"

#include <cstdint>
#include <memory>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "projections/day.h"
#include "services/log_position.h"

namespace services {
namespace {

// The name of the field with a number; empty when there is none.
absl::string_view FieldName(const google::protobuf::Descriptor* message, int number) {
  const google::protobuf::FieldDescriptor* const field = message->FindFieldByNumber(number);
  return field == nullptr ? absl::string_view() : absl::string_view(field->name().data(), field->name().size());
}

// A field of a message whose value has a length: its tag and length with the value, and the value.
struct WireField {
  uint64_t number;
  absl::string_view whole, value;
};

// The fields whose values have a length, to Visit(const WireField&) one after another, as far as the bytes can be read
// so: what the parser sees of the message itself, it sees in the same order.
template <class Visit>
void VisitFields(absl::string_view message, Visit visit) {
  const char* at = message.data();
  const char* const end = at + message.size();
  const auto take = [&](uint64_t* number) {
    *number = 0;
    for (int shift = 0; shift < 63 && at < end; shift += 7) {
      const uint8_t byte = static_cast<uint8_t>(*at++);
      *number |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return true;
    }
    return false;
  };
  uint64_t tag, value;
  for (const char* begin = at; at < end && take(&tag) && take(&value); begin = at) {
    if ((tag & 7) == 0) continue;
    if ((tag & 7) != 2 || value > static_cast<uint64_t>(end - at)) return;
    const absl::string_view bytes(at, value);
    at += value;
    visit(WireField{tag >> 3, absl::string_view(begin, static_cast<size_t>(at - begin)), bytes});
  }
}

// Who called, and with which ids: nothing that a reading of trust or a decision depends on.
bool IsOfTheCallAlone(uint64_t field) {
  switch (field) {
    case trust::v1::Event::kPrincipalFieldNumber:
    case trust::v1::Event::kRequestIdFieldNumber:
    case trust::v1::Event::kRequestFingerprintFieldNumber:
    case trust::v1::Event::kCorrelationIdFieldNumber:
    case trust::v1::Event::kCausationIdFieldNumber:
    case trust::v1::Event::kTraceFieldNumber:
      return true;
    default:
      return false;
  }
}

void AppendVarint(uint64_t number, std::string* to) {
  for (; number >= 0x80; number >>= 7) to->push_back(static_cast<char>(number | 0x80));
  to->push_back(static_cast<char>(number));
}

// Of an import's origin: when the fact was first recorded, and nothing else.
void AppendOriginForFold(const WireField& origin, std::string* to) {
  std::string kept;
  VisitFields(origin.value, [&](const WireField& field) {
    if (field.number == trust::v1::ImportOrigin::kOriginalRecordTimeFieldNumber) absl::StrAppend(&kept, field.whole);
  });
  AppendVarint(uint64_t{origin.number} << 3 | 2, to);
  AppendVarint(kept.size(), to);
  to->append(kept);
}

std::string ForFold(absl::string_view payload) {
  std::string kept;
  kept.reserve(payload.size());
  const char* run = payload.data();
  VisitFields(payload, [&](const WireField& field) {
    const bool is_origin = field.number == trust::v1::Event::kImportOriginFieldNumber;
    if (!is_origin && !IsOfTheCallAlone(field.number)) return;
    kept.append(run, static_cast<size_t>(field.whole.data() - run));
    run = field.whole.data() + field.whole.size();
    if (is_origin) AppendOriginForFold(field, &kept);
  });
  kept.append(run, static_cast<size_t>(payload.data() + payload.size() - run));
  return kept;
}

// The messages within an event that nearly every event has. To clear an event destroys them; so they are taken out of
// the one that was read before, and put into the next one that has them, empty and with their memory.
class Recycled {
 public:
  // The event is on no arena: what is on one cannot be taken out.
  explicit Recycled(trust::v1::Event* event)
      : event_(*event),
        record_time_(event->release_record_time()),
        occur_time_(event->release_occur_time()),
        observe_time_(event->release_observe_time()),
        import_origin_(event->release_import_origin()),
        evidence_(event->has_evidence() ? event->release_evidence() : nullptr) {}

  // REQUIRES: the event was cleared, and is to be parsed from payload next.
  void PutInto(absl::string_view payload) {
    // Always set at the end.
    if (record_time_ != nullptr) event_.set_allocated_record_time(record_time_.release());
    VisitFields(payload, [this](const WireField& field) {
      switch (field.number) {
        case trust::v1::Event::kOccurTimeFieldNumber:
          return Put(&occur_time_, &trust::v1::Event::set_allocated_occur_time);
        case trust::v1::Event::kObserveTimeFieldNumber:
          return Put(&observe_time_, &trust::v1::Event::set_allocated_observe_time);
        case trust::v1::Event::kImportOriginFieldNumber:
          return Put(&import_origin_, &trust::v1::Event::set_allocated_import_origin);
        case trust::v1::Event::kEvidenceFieldNumber:
          return Put(&evidence_, &trust::v1::Event::set_allocated_evidence);
      }
    });
  }

 private:
  template <class Message>
  void Put(std::unique_ptr<Message>* message, void (trust::v1::Event::*set_allocated)(Message*)) {
    if (*message == nullptr) return;
    (*message)->Clear();
    (event_.*set_allocated)(message->release());
  }

  trust::v1::Event& event_;
  std::unique_ptr<google::protobuf::Timestamp> record_time_, occur_time_, observe_time_;
  std::unique_ptr<trust::v1::ImportOrigin> import_origin_;
  std::unique_ptr<trust::v1::Evidence> evidence_;
};

// As ParseFromString, with the memory of what the event was before.
bool Parse(const std::string& payload, trust::v1::Event* event) {
  if (event->GetArena() != nullptr) return event->ParseFromString(payload);
  Recycled recycled(event);
  event->Clear();
  recycled.PutInto(payload);
  return event->MergeFromString(payload);
}

absl::Status Read(const eventstore::RecordedEvent& record, const std::string& payload, trust::v1::Event* event) {
  if (!Parse(payload, event)) {
    return absl::DataLossError(absl::StrCat("the payload at position ", record.position, " is not an event"));
  }
  event->mutable_partnership()->assign(record.stream.data(), record.stream.size());
  event->set_revision(static_cast<int64_t>(record.revision));
  projections::SetTimestamp(record.record_time, event->mutable_record_time());
  return absl::OkStatus();
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

// A copy, because what parses without clearing and takes any bytes costs more than it.
absl::Status Decode(const eventstore::RecordedEvent& record, bool with_position, trust::v1::Event* event) {
  if (absl::Status status = Read(record, std::string(record.data), event); !status.ok()) return status;
  if (with_position) event->set_log_position(LogPositionToken(record.position));
  return absl::OkStatus();
}

absl::Status DecodeForFold(const eventstore::RecordedEvent& record, trust::v1::Event* event) {
  return Read(record, ForFold(record.data), event);
}

}  // namespace services
