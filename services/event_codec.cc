#include "services/event_codec.h"

#include <algorithm>
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

// A field of a message as it is written: a number, or a value that has a length.
struct WireField {
  uint64_t number = 0;
  bool has_length = false;
  uint64_t varint = 0;
  absl::string_view whole, value;  // With its tag and length, and without.
};

// The fields of a message, one after another: what the parser sees of the message itself, in the same order.
class WireReader {
 public:
  // The message outlives the reader and its fields.
  explicit WireReader(absl::string_view message) : at_(message.data()), end_(at_ + message.size()) {}

  // Reads the next field. False at the end, and where there is none of these two kinds.
  bool Next(WireField* field) {
    const char* const begin = at_;
    uint64_t tag;
    if (at_ == end_ || !Take(&tag)) return false;
    field->number = tag >> 3;
    field->has_length = (tag & 7) == 2;
    if ((!field->has_length && (tag & 7) != 0) || !Take(&field->varint)) return Leave(begin);
    if (!field->has_length) return true;
    if (field->varint > static_cast<uint64_t>(end_ - at_)) return Leave(begin);
    field->value = absl::string_view(at_, field->varint);
    at_ += field->varint;
    field->whole = absl::string_view(begin, static_cast<size_t>(at_ - begin));
    return true;
  }

  // Whether all was read.
  bool ended() const { return at_ == end_; }

 private:
  bool Take(uint64_t* number) {
    if (at_ < end_ && static_cast<uint8_t>(*at_) < 0x80) {
      *number = static_cast<uint8_t>(*at_++);
      return true;
    }
    return TakeLong(number);
  }

  bool TakeLong(uint64_t* number) {
    *number = 0;
    for (int shift = 0; shift < 70 && at_ < end_; shift += 7) {
      const uint8_t byte = static_cast<uint8_t>(*at_++);
      *number |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  bool Leave(const char* begin) {
    at_ = begin;
    return false;
  }

  const char* at_;
  const char* const end_;
};

// The fields whose values have a length, to Visit(const WireField&), as far as the bytes can be read so.
template <class Visit>
void VisitFields(absl::string_view message, Visit visit) {
  WireReader reader(message);
  for (WireField field; reader.Next(&field);) {
    if (field.has_length) visit(field);
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

// Of an import's origin: when the fact was first recorded, and nothing else; all of it where that cannot be told apart.
void AppendOriginForFold(const WireField& origin, std::string* to) {
  std::string kept;
  WireReader reader(origin.value);
  for (WireField field; reader.Next(&field);) {
    const bool is_time = field.number == trust::v1::ImportOrigin::kOriginalRecordTimeFieldNumber;
    if (is_time && field.has_length) absl::StrAppend(&kept, field.whole);
  }
  if (!reader.ended()) return absl::StrAppend(to, origin.whole);
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
        original_record_time_(import_origin_ == nullptr ? nullptr : import_origin_->release_original_record_time()),
        evidence_(event->has_evidence() ? event->release_evidence() : nullptr) {
    event_.Clear();
    // Always set at the end.
    if (record_time_ != nullptr) event_.set_allocated_record_time(record_time_.release());
  }

  // The same for the time in an import's origin.
  void PutOriginalRecordTime(trust::v1::ImportOrigin* origin) {
    if (original_record_time_ == nullptr) return;
    original_record_time_->Clear();
    origin->set_allocated_original_record_time(original_record_time_.release());
  }

  // Puts the message in, of which a value is to be read next. Nothing for others.
  void Put(uint64_t field) {
    switch (field) {
      case trust::v1::Event::kOccurTimeFieldNumber:
        return Put(&occur_time_, &trust::v1::Event::set_allocated_occur_time);
      case trust::v1::Event::kObserveTimeFieldNumber:
        return Put(&observe_time_, &trust::v1::Event::set_allocated_observe_time);
      case trust::v1::Event::kImportOriginFieldNumber:
        return Put(&import_origin_, &trust::v1::Event::set_allocated_import_origin);
      case trust::v1::Event::kEvidenceFieldNumber:
        return Put(&evidence_, &trust::v1::Event::set_allocated_evidence);
      default:
        return;
    }
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
  std::unique_ptr<google::protobuf::Timestamp> original_record_time_;
  std::unique_ptr<trust::v1::Evidence> evidence_;
};

// As ParseFromString, with the memory of what the event was before.
bool Parse(const std::string& payload, trust::v1::Event* event) {
  if (event->GetArena() != nullptr) return event->ParseFromString(payload);
  Recycled recycled(event);
  VisitFields(payload, [&](const WireField& field) { recycled.Put(field.number); });
  return event->MergeFromString(payload);
}

// ---- Evidence for a fold, without the parser

// What nearly every event is, evidence written in ASCII, read straight from the bytes: the parser of everything takes a
// third longer. Each reads into what is there, as the parser does, and returns false where it knows no better than to
// leave the whole event to the parser.

bool IsAscii(absl::string_view text) {
  uint8_t bits = 0;
  for (const char c : text) bits |= static_cast<uint8_t>(c);
  return bits < 0x80;
}

bool ReadText(const WireField& field, std::string* text) {
  if (!field.has_length || !IsAscii(field.value)) return false;
  text->assign(field.value.data(), field.value.size());
  return true;
}

bool ReadTime(const WireField& whole, google::protobuf::Timestamp* time) {
  if (!whole.has_length) return false;
  WireReader reader(whole.value);
  for (WireField field; reader.Next(&field);) {
    if (field.has_length) return false;
    switch (field.number) {
      case google::protobuf::Timestamp::kSecondsFieldNumber:
        time->set_seconds(static_cast<int64_t>(field.varint));
        break;
      case google::protobuf::Timestamp::kNanosFieldNumber:
        time->set_nanos(static_cast<int32_t>(field.varint));
        break;
      default:
        return false;
    }
  }
  return reader.ended();
}

// When the fact was first recorded, and nothing else.
bool ReadOrigin(const WireField& whole, Recycled& recycled, trust::v1::ImportOrigin* origin) {
  if (!whole.has_length) return false;
  WireReader reader(whole.value);
  for (WireField field; reader.Next(&field);) {
    if (field.number != trust::v1::ImportOrigin::kOriginalRecordTimeFieldNumber) continue;
    recycled.PutOriginalRecordTime(origin);
    if (!ReadTime(field, origin->mutable_original_record_time())) return false;
  }
  return reader.ended();
}

template <class Enum>
bool ReadEnum(const WireField& field, void (trust::v1::Evidence::*set)(Enum), trust::v1::Evidence* evidence) {
  if (field.has_length) return false;
  (evidence->*set)(static_cast<Enum>(field.varint));
  return true;
}

bool ReadEvidenceField(const WireField& field, trust::v1::Evidence* evidence) {
  using trust::v1::Evidence;
  switch (field.number) {
    case Evidence::kActorFieldNumber:
      return ReadText(field, evidence->mutable_actor());
    case Evidence::kAffectedFieldNumber:
      return ReadText(field, evidence->add_affected());
    case Evidence::kWitnessesFieldNumber:
      return ReadText(field, evidence->add_witnesses());
    case Evidence::kSourceFieldNumber:
      return ReadEnum(field, &Evidence::set_source, evidence);
    case Evidence::kLevelFieldNumber:
      return ReadEnum(field, &Evidence::set_level, evidence);
    case Evidence::kMaterialityFieldNumber:
      return ReadEnum(field, &Evidence::set_materiality, evidence);
    case Evidence::kLabelFieldNumber:
      return field.has_length;  // Nothing depends on it.
    case Evidence::kActorContactFieldNumber:
      return ReadText(field, evidence->mutable_actor_contact());
    case Evidence::kAffectedContactFieldNumber:
      return ReadText(field, evidence->mutable_affected_contact());
    default:  // Its kind, mostly.
      return field.has_length && evidence->MergeFromString(std::string(field.whole));
  }
}

bool ReadEvidence(const WireField& whole, trust::v1::Evidence* evidence) {
  if (!whole.has_length) return false;
  WireReader reader(whole.value);
  for (WireField field; reader.Next(&field);) {
    if (!ReadEvidenceField(field, evidence)) return false;
  }
  return reader.ended();
}

bool ReadEventField(const WireField& field, Recycled& recycled, trust::v1::Event* event) {
  using trust::v1::Event;
  if (IsOfTheCallAlone(field.number)) return field.has_length;
  recycled.Put(field.number);
  switch (field.number) {
    case Event::kRecorderFieldNumber:
      return ReadText(field, event->mutable_recorder());
    case Event::kOccurTimeFieldNumber:
      return ReadTime(field, event->mutable_occur_time());
    case Event::kOccurTimePrecisionFieldNumber:
      event->set_occur_time_precision(static_cast<trust::v1::TimePrecision>(field.varint));
      return !field.has_length;
    case Event::kObserveTimeFieldNumber:
      return ReadTime(field, event->mutable_observe_time());
    case Event::kImportOriginFieldNumber:
      return ReadOrigin(field, recycled, event->mutable_import_origin());
    case Event::kEvidenceFieldNumber:
      return ReadEvidence(field, event->mutable_evidence());
    default:
      return false;
  }
}

bool ReadEvidenceForFold(absl::string_view payload, trust::v1::Event* event) {
  if (event->GetArena() != nullptr) return false;
  Recycled recycled(event);
  WireReader reader(payload);
  for (WireField field; reader.Next(&field);) {
    if (!ReadEventField(field, recycled, event)) return false;
  }
  return reader.ended();
}

// ---- Records

void Complete(const eventstore::RecordedEvent& record, trust::v1::Event* event) {
  event->mutable_partnership()->assign(record.stream.data(), record.stream.size());
  event->set_revision(static_cast<int64_t>(record.revision));
  projections::SetTimestamp(record.record_time, event->mutable_record_time());
}

absl::Status Read(const eventstore::RecordedEvent& record, const std::string& payload, trust::v1::Event* event) {
  if (!Parse(payload, event)) {
    return absl::DataLossError(absl::StrCat("the payload at position ", record.position, " is not an event"));
  }
  Complete(record, event);
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
  if (!ReadEvidenceForFold(record.data, event)) return Read(record, ForFold(record.data), event);
  Complete(record, event);
  return absl::OkStatus();
}

}  // namespace services
