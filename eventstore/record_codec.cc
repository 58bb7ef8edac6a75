#include "eventstore/record_codec.h"

#include "absl/strings/str_cat.h"
#include "eventstore/crc32c.h"

namespace eventstore {
namespace {

constexpr size_t kChecksumAt = 1;

void PutChecksum(uint32_t checksum, char* to) {
  for (int i = 0; i < 4; ++i) to[i] = static_cast<char>(checksum >> (8 * i));
}

uint32_t GetChecksum(const char* from) {
  uint32_t checksum = 0;
  for (int i = 3; i >= 0; --i) checksum = checksum << 8 | static_cast<uint8_t>(from[i]);
  return checksum;
}

uint32_t ChecksumOf(absl::string_view frame) {
  return MaskCrc32c(Crc32c(frame.substr(0, kChecksumAt), frame.substr(kFrameHeaderBytes)));
}

}  // namespace

void EncodeFrame(const v1::Record& record, std::string* frame) {
  frame->resize(kFrameHeaderBytes + record.ByteSizeLong());
  (*frame)[0] = static_cast<char>(kFrameVersion);
  record.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(frame->data() + kFrameHeaderBytes));
  PutChecksum(ChecksumOf(*frame), frame->data() + kChecksumAt);
}

absl::StatusOr<absl::string_view> RecordBytes(absl::string_view frame) {
  if (frame.size() < kFrameHeaderBytes) return absl::DataLossError("it is shorter than its header");
  if (GetChecksum(frame.data() + kChecksumAt) != ChecksumOf(frame)) {
    return absl::DataLossError("its checksum does not match its bytes");
  }
  // After the checksum: a damaged version byte is damage, not news.
  const uint8_t version = static_cast<uint8_t>(frame[0]);
  if (version == 0) return absl::DataLossError("it has format version 0, which never was");
  if (version > kFrameVersion) {
    return absl::FailedPreconditionError(absl::StrCat("it has format version ", version, ", and this program knows ",
                                                      kFrameVersion, ": use a newer program"));
  }
  return frame.substr(kFrameHeaderBytes);
}

}  // namespace eventstore
