// Reads events out of frames without copying them: what an event shows lies in the frame.
//
// A record that stands as EncodeFrame writes it (each field at most once, in the order of their numbers) is read by
// hand; any other, as a newer program may write it, by the generated parser. So the parser alone decides what is a
// record and what is not. Not thread-safe: each reading thread has its own.

#ifndef EVENTSTORE_RECORD_READER_H_
#define EVENTSTORE_RECORD_READER_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "eventstore/event_store.h"
#include "eventstore/v1/record.pb.h"

namespace eventstore {

class RecordReader {
 public:
  // Makes *event the event in a frame. Its views lie in the frame and in the reader: they live until the next call, as
  // long as the frame is not changed. Errors: as for RecordBytes; DATA_LOSS also when the bytes are sound and no
  // record.
  absl::Status Read(absl::string_view frame, RecordedEvent* event);

 private:
  std::vector<SealedView> sealed_;
  v1::Record record_;  // Of what is not read by hand.
};

}  // namespace eventstore

#endif  // EVENTSTORE_RECORD_READER_H_
