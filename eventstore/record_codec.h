// How a Record stands in a value: a frame, which tells damage from a format that this program does not know.
//
//   frame := version checksum record
//   version := 1 byte; checksum := 4 bytes, the masked CRC-32C of version and record, lowest byte first
//   record := the rest: a serialised eventstore.v1.Record
//
// Every version keeps the first five bytes and what they cover, so that a newer frame is told from a damaged one.
// Pure functions; thread-safe.

#ifndef EVENTSTORE_RECORD_CODEC_H_
#define EVENTSTORE_RECORD_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventstore/v1/record.pb.h"

namespace eventstore {

inline constexpr uint8_t kFrameVersion = 1;
inline constexpr size_t kFrameHeaderBytes = 5;

// Makes *frame the frame of a record, keeping its capacity.
void EncodeFrame(const v1::Record& record, std::string* frame);

// The record as it was serialised once: the bytes that are hashed. They lie within the frame.
// Errors:
//   DATA_LOSS: the frame is damaged.
//   FAILED_PRECONDITION: the frame is sound, and of a version that this program does not know.
absl::StatusOr<absl::string_view> RecordBytes(absl::string_view frame);

}  // namespace eventstore

#endif  // EVENTSTORE_RECORD_CODEC_H_
