// The payload of a stored event. Promised: it is an event when the generated parser says so, and is read as it says,
// whatever the event held that is read into; what was read is written and read again as it was, but for what is never
// written.

#include <string>

#include "google/protobuf/arena.h"
#include "projections/stored_event.h"
#include "services/event_codec.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/support/fold_event.h"

namespace {

using fuzz::Require;
using trust::v1::Event;

eventstore::RecordedEvent RecordOf(absl::string_view payload) {
  eventstore::RecordedEvent record = {};
  record.position = 17;
  record.stream = "alpha";
  record.revision = 3;
  record.record_time = absl::FromUnixMicros(1'700'000'000'000'001);
  record.data = payload;
  return record;
}

// The payload as one line, if it is an event.
bool Read(absl::string_view payload, Event* event, std::string* text) {
  const fuzz::ExactCopy exact(payload);
  const absl::Status status = services::Decode(RecordOf(exact.view()), true, event);
  fuzz::RequireModest(status);
  if (status.ok()) *text = event->SerializeAsString();
  return status.ok();
}

void ReadAfter(absl::string_view before, absl::string_view payload) {
  Event reused, fresh, parsed;
  std::string unused, text, fresh_text, arena_text;
  Read(before, &reused, &unused);
  const bool is_event = Read(payload, &reused, &text);
  Require(is_event == parsed.ParseFromArray(payload.data(), static_cast<int>(payload.size())),
          "the parser decides what an event is");
  Require(Read(payload, &fresh, &fresh_text) == is_event && text == fresh_text,
          "nothing is left of the event that was read before");
  google::protobuf::Arena arena;
  Require(Read(payload, google::protobuf::Arena::CreateMessage<Event>(&arena), &arena_text) == is_event &&
              text == arena_text,
          "an arena changes nothing");
  const fuzz::ExactCopy exact(payload);
  Event rest, by_fold;
  static_cast<void>(services::DecodeForFold(RecordOf(before), &rest));
  const absl::Status for_fold = services::DecodeForFold(RecordOf(exact.view()), &rest);
  fuzz::RequireModest(for_fold);
  if (!is_event) return;
  Require(for_fold.ok(), "an event is read for a fold, too");
  rest.clear_log_position();
  Require(projections::ReadStoredEvent("alpha", 3, 1'700'000'000'000'001, payload, &by_fold),
          "the readings read what the service reads");
  fresh.clear_log_position();
  by_fold.clear_log_position();
  Require(by_fold.SerializeAsString() == fresh.SerializeAsString(), "both read the same");
  Require(support::ForFolds(rest).SerializeAsString() == support::ForFolds(fresh).SerializeAsString(),
          "a fold reads the same but for what it does not depend on");
}

void WriteAgain(absl::string_view payload) {
  Event event;
  if (!event.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) return;
  event.clear_partnership();
  event.clear_revision();
  event.clear_record_time();
  event.clear_log_position();
  const eventstore::EventData data = services::Encode(event);
  Require(!data.type.empty() && data.type == services::EventType(event), "every event has a type");
  Event returned;
  std::string text;
  Require(Read(data.data, &returned, &text), "what is written can be read");
  event.clear_note();
  event.clear_profile();
  event.clear_erasure();
  event.clear_unreadable();
  returned.clear_partnership();
  returned.clear_revision();
  returned.clear_record_time();
  returned.clear_log_position();
  Require(returned.SerializeAsString() == event.SerializeAsString(), "what is written is read as it was");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  const absl::string_view before = input.Text(2);
  const absl::string_view payload = input.Rest();
  ReadAfter(before, payload);
  ReadAfter(payload, before);
  WriteAgain(payload);
  return 0;
}
