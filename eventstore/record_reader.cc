#include "eventstore/record_reader.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/time/time.h"
#include "eventstore/record_codec.h"

namespace eventstore {
namespace {

// How a value stands, in the lowest three bits of the tag before it.
constexpr int kVarint = 0;
constexpr int kLengthDelimited = 2;

// With a tenth byte some of a number's bits may be lost, and a fifth of a length may be refused: the parser knows.
constexpr int kNumberBytesMax = 9;
constexpr int kLengthBytesMax = 4;

// Whether all is ASCII, hence UTF-8. The names of streams and types are; of anything else the parser judges.
bool IsAscii(absl::string_view text) {
  uint64_t seen = 0;
  const auto see = [&](size_t at) {
    uint64_t word;
    std::memcpy(&word, text.data() + at, sizeof(word));
    seen |= word;
  };
  if (text.size() >= sizeof(seen)) {
    const size_t last = text.size() - sizeof(seen);
    for (size_t at = 0; at < last; at += sizeof(seen)) see(at);
    see(last);
  } else {
    for (const char c : text) seen |= static_cast<uint8_t>(c);
  }
  return (seen & 0x8080808080808080) == 0;
}

// Takes the fields of a message from its front. To be asked in the order of their numbers: a field that does not stand
// there is absent. Each returns false when what stands there is not plain.
class FieldReader {
 public:
  explicit FieldReader(absl::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  bool Number(int field, uint64_t* number) {
    *number = 0;
    return !TakeTag(field, kVarint) || TakeVarint(kNumberBytesMax, number);
  }

  bool Bytes(int field, absl::string_view* bytes) {
    *bytes = absl::string_view(at_, 0);
    return !TakeTag(field, kLengthDelimited) || TakeBytes(bytes);
  }

  bool Text(int field, absl::string_view* text) { return Bytes(field, text) && IsAscii(*text); }

  bool SealedParts(int field, std::vector<SealedView>* parts) {
    parts->clear();
    while (TakeTag(field, kLengthDelimited)) {
      absl::string_view bytes;
      if (!TakeBytes(&bytes)) return false;
      SealedView& part = parts->emplace_back();
      FieldReader reader(bytes);
      const bool plain = reader.Text(v1::Sealed::kKeyIdFieldNumber, &part.key_id) &&
                         reader.Bytes(v1::Sealed::kNonceFieldNumber, &part.nonce) &&
                         reader.Bytes(v1::Sealed::kCiphertextFieldNumber, &part.ciphertext) && reader.AtEnd();
      if (!plain) return false;
    }
    return true;
  }

  bool AtEnd() const { return at_ == end_; }

 private:
  bool TakeTag(int field, int kind) {
    if (AtEnd() || *at_ != static_cast<char>(field << 3 | kind)) return false;
    ++at_;
    return true;
  }

  bool TakeVarint(int bytes_max, uint64_t* number) {
    uint64_t taken = 0;
    for (int shift = 0; shift < 7 * bytes_max && !AtEnd(); shift += 7) {
      const uint8_t byte = static_cast<uint8_t>(*at_++);
      taken |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) {
        *number = taken;
        return true;
      }
    }
    return false;
  }

  bool TakeBytes(absl::string_view* bytes) {
    uint64_t size = 0;
    if (!TakeVarint(kLengthBytesMax, &size) || size > static_cast<uint64_t>(end_ - at_)) return false;
    *bytes = absl::string_view(at_, size);
    at_ += size;
    return true;
  }

  const char* at_;
  const char* const end_;
};

// Returns whether it was plain; if not, nothing that was read counts.
bool ReadPlain(absl::string_view bytes, std::vector<SealedView>* sealed, RecordedEvent* event) {
  FieldReader reader(bytes);
  uint64_t record_time_us;
  const bool plain = reader.Number(v1::Record::kPositionFieldNumber, &event->position) &&
                     reader.Text(v1::Record::kStreamFieldNumber, &event->stream) &&
                     reader.Number(v1::Record::kRevisionFieldNumber, &event->revision) &&
                     reader.Number(v1::Record::kRecordTimeUsFieldNumber, &record_time_us) &&
                     reader.Text(v1::Record::kTypeFieldNumber, &event->type) &&
                     reader.Bytes(v1::Record::kDataFieldNumber, &event->data) &&
                     reader.SealedParts(v1::Record::kSealedFieldNumber, sealed) &&
                     reader.Bytes(v1::Record::kPreviousSha256FieldNumber, &event->previous_sha256) && reader.AtEnd();
  if (plain) event->record_time = absl::FromUnixMicros(static_cast<int64_t>(record_time_us));
  return plain;
}

void Show(const v1::Record& record, std::vector<SealedView>* sealed, RecordedEvent* event) {
  event->position = record.position();
  event->stream = record.stream();
  event->revision = record.revision();
  event->record_time = absl::FromUnixMicros(record.record_time_us());
  event->type = record.type();
  event->data = record.data();
  event->previous_sha256 = record.previous_sha256();
  sealed->clear();
  for (const v1::Sealed& part : record.sealed()) sealed->push_back({part.key_id(), part.nonce(), part.ciphertext()});
}

}  // namespace

absl::Status RecordReader::Read(absl::string_view frame, RecordedEvent* event) {
  const absl::StatusOr<absl::string_view> bytes = RecordBytes(frame);
  if (!bytes.ok()) return bytes.status();
  if (!ReadPlain(*bytes, &sealed_, event)) {
    if (!record_.ParseFromArray(bytes->data(), static_cast<int>(bytes->size()))) {
      return absl::DataLossError("its checksum matches, but it is not a record");
    }
    Show(record_, &sealed_, event);
  }
  event->sealed = sealed_;
  event->stored = *bytes;
  return absl::OkStatus();
}

}  // namespace eventstore
