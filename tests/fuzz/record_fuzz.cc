// The frame of a stored record, and the reader that takes events out of it by hand. Promised: a frame is read only when
// its checksum fits; a record is what the generated parser says is one, and is read as it says; what was read is
// written and read again as it was.

#include <string>

#include "eventstore/crc32c.h"
#include "eventstore/record_codec.h"
#include "eventstore/record_reader.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using fuzz::Require;

// The frame of bytes that need not be a record.
std::string FrameOf(absl::string_view bytes) {
  std::string frame(eventstore::kFrameHeaderBytes, '\0');
  frame[0] = static_cast<char>(eventstore::kFrameVersion);
  frame.append(bytes.data(), bytes.size());
  const uint32_t checksum = eventstore::MaskCrc32c(eventstore::Crc32c(absl::string_view(frame).substr(0, 1), bytes));
  for (int i = 0; i < 4; ++i) frame[static_cast<size_t>(1 + i)] = static_cast<char>(checksum >> (8 * i));
  return frame;
}

void RequireSame(const eventstore::RecordedEvent& event, const eventstore::v1::Record& record) {
  bool same = event.position == record.position() && event.stream == record.stream() &&
              event.revision == record.revision() && event.type == record.type() && event.data == record.data() &&
              event.record_time == absl::FromUnixMicros(record.record_time_us()) &&
              event.previous_sha256 == record.previous_sha256() &&
              event.sealed.size() == static_cast<size_t>(record.sealed_size());
  for (int i = 0; same && i < record.sealed_size(); ++i) {
    const eventstore::SealedView& part = event.sealed[static_cast<size_t>(i)];
    same = part.key_id == record.sealed(i).key_id() && part.nonce == record.sealed(i).nonce() &&
           part.ciphertext == record.sealed(i).ciphertext();
  }
  Require(same, "the reader sees what the parser sees");
}

void ReadAnything(absl::string_view bytes) {
  const fuzz::ExactCopy frame(bytes);
  const absl::StatusOr<absl::string_view> record = eventstore::RecordBytes(frame.view());
  if (record.ok()) Require(FrameOf(*record) == bytes, "only what was framed is taken for a frame");
  eventstore::RecordReader reader;
  eventstore::RecordedEvent event;
  const absl::Status read = reader.Read(frame.view(), &event);
  Require(record.ok() || !read.ok(), "no event is read from a damaged frame");
  fuzz::RequireModest(read);
}

void ReadFramed(absl::string_view bytes) {
  const fuzz::ExactCopy frame(FrameOf(bytes));
  eventstore::RecordReader reader;
  eventstore::RecordedEvent event;
  const absl::Status read = reader.Read(frame.view(), &event);
  fuzz::RequireModest(read);
  eventstore::v1::Record record;
  Require(read.ok() == record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
          "the parser decides what a record is");
  if (!read.ok()) return;
  Require(event.stored == bytes, "a record is hashed as it was stored");
  RequireSame(event, record);

  std::string again;
  eventstore::EncodeFrame(record, &again);
  const fuzz::ExactCopy written(again);
  eventstore::v1::Record returned;
  Require(reader.Read(written.view(), &event).ok() && returned.ParseFromString(std::string(event.stored)),
          "what is written can be read");
  Require(returned.SerializeAsString() == record.SerializeAsString(), "what is written is read as it was");
  RequireSame(event, record);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  if (input.Pick(2) == 0) {
    ReadFramed(input.Rest());
  } else {
    ReadAnything(input.Rest());
  }
  return 0;
}
