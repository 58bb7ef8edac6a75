// What two readings of an event have in common when one of them may leave out what no fold depends on.

#ifndef TESTS_SUPPORT_FOLD_EVENT_H_
#define TESTS_SUPPORT_FOLD_EVENT_H_

#include <string>

#include "trust/v1/events.pb.h"

namespace support {

// The event without what services::DecodeForFold may leave out.
inline trust::v1::Event ForFolds(trust::v1::Event event) {
  event.DiscardUnknownFields();
  for (std::string* const text :
       {event.mutable_principal(), event.mutable_request_id(), event.mutable_request_fingerprint(),
        event.mutable_correlation_id(), event.mutable_causation_id()}) {
    text->clear();
  }
  event.clear_trace();
  if (event.has_evidence()) event.mutable_evidence()->clear_label();
  if (event.has_import_origin()) {
    trust::v1::ImportOrigin origin;
    origin.Swap(event.mutable_import_origin());
    if (origin.has_original_record_time()) {
      event.mutable_import_origin()->mutable_original_record_time()->Swap(origin.mutable_original_record_time());
    }
  }
  return event;
}

}  // namespace support

#endif  // TESTS_SUPPORT_FOLD_EVENT_H_
