// Trust events to and from the records of the store. What the record itself holds (partnership, revision, record time,
// position) is not repeated in the payload: it is filled in when a record is read. Pure; thread-safe.

#ifndef SERVICES_EVENT_CODEC_H_
#define SERVICES_EVENT_CODEC_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventstore/event_store.h"
#include "trust/v1/events.pb.h"

namespace services {

// The kind of an event in one word, as record type: partner_joined, evidence.commitment_fulfilled,
// milestone.review_held; "unknown" for a kind that this program does not know.
std::string EventType(const trust::v1::Event& event);

// What to append for an event. Never has personal data in it: note, profile and what stands in their place are left
// out. REQUIRES: partnership, revision, record_time and log_position are not set.
eventstore::EventData Encode(const trust::v1::Event& event);

// The event that a record holds, with everything filled in, but for log_position with with_position=false. Sealed parts
// stay sealed: PersonalData opens them. Errors: DATA_LOSS naming the position when the payload is not an event.
absl::Status Decode(const eventstore::RecordedEvent& record, bool with_position, trust::v1::Event* event);

// The same for a fold, of trust or of decision states, sooner: without log_position, and mostly without what neither
// depends on, sound or not: principal, request_id, request_fingerprint, correlation_id, causation_id, trace, of
// import_origin all but original_record_time, and the label of evidence.
absl::Status DecodeForFold(const eventstore::RecordedEvent& record, trust::v1::Event* event);

}  // namespace services

#endif  // SERVICES_EVENT_CODEC_H_
