// Frames around records and around bytes that are none.

#ifndef TESTS_EVENTSTORE_FRAMES_H_
#define TESTS_EVENTSTORE_FRAMES_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "eventstore/crc32c.h"
#include "eventstore/record_codec.h"
#include "eventstore/v1/record.pb.h"
#include "gtest/gtest.h"

namespace eventstore {

inline v1::Record SomeRecord() {
  v1::Record record;
  record.set_position(300);
  record.set_stream("orders/7");
  record.set_revision(2);
  record.set_record_time_us(1700000000000000);
  record.set_type("v1.Placed");
  record.set_data(std::string("\x00\xff payload", 10));
  return record;
}

inline std::string FrameOf(const v1::Record& record) {
  std::string frame;
  EncodeFrame(record, &frame);
  return frame;
}

// A frame of any version around any bytes, with a checksum that fits.
inline std::string FrameAround(absl::string_view bytes, uint8_t version = kFrameVersion) {
  std::string frame(1, static_cast<char>(version));
  const uint32_t checksum = MaskCrc32c(Crc32c(frame, bytes));
  for (int i = 0; i < 4; ++i) frame.push_back(static_cast<char>(checksum >> (8 * i)));
  return absl::StrCat(frame, bytes);
}

// The record of a frame, as the generated parser reads it.
inline v1::Record RecordIn(absl::string_view frame) {
  v1::Record record;
  const auto bytes = RecordBytes(frame);
  EXPECT_TRUE(bytes.ok() && record.ParseFromString(std::string(*bytes)));
  return record;
}

}  // namespace eventstore

#endif  // TESTS_EVENTSTORE_FRAMES_H_
