#include "services/request_ledger.h"

#include "absl/strings/str_cat.h"
#include "eventstore/sha256.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace services {
namespace {

constexpr char kRowVersion = 1;

void AppendVarint(std::string& bytes, uint64_t number) {
  while (number >= 0x80) {
    bytes += static_cast<char>(number | 0x80);
    number >>= 7;
  }
  bytes += static_cast<char>(number);
}

std::optional<uint64_t> TakeVarint(absl::string_view& bytes) {
  uint64_t number = 0;
  for (int shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes[0]);
    bytes.remove_prefix(1);
    number |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return number;
  }
  return std::nullopt;
}

}  // namespace

// version, fingerprint, first revision, event count, partnership to the end.
std::string EncodeDeed(const Deed& deed) {
  std::string bytes(1, kRowVersion);
  bytes += deed.fingerprint;
  AppendVarint(bytes, static_cast<uint64_t>(deed.first_revision));
  AppendVarint(bytes, static_cast<uint64_t>(deed.event_count));
  bytes += deed.partnership;
  return bytes;
}

std::optional<Deed> DecodeDeed(absl::string_view bytes) {
  if (bytes.size() < 1 + kFingerprintBytes || bytes[0] != kRowVersion) return std::nullopt;
  const absl::string_view whole = bytes;
  Deed deed;
  deed.fingerprint = std::string(bytes.substr(1, kFingerprintBytes));
  bytes.remove_prefix(1 + kFingerprintBytes);
  const std::optional<uint64_t> first = TakeVarint(bytes);
  const std::optional<uint64_t> count = TakeVarint(bytes);
  if (!first || !count) return std::nullopt;
  deed.first_revision = static_cast<int64_t>(*first);
  deed.event_count = static_cast<int64_t>(*count);
  deed.partnership = std::string(bytes);
  // A number can be written with more bytes than it needs, and with bits that are lost.
  if (EncodeDeed(deed) != whole) return std::nullopt;
  return deed;
}

std::string ExternalIdKey(absl::string_view partnership, absl::string_view external_id) {
  return absl::StrCat(partnership, absl::string_view("\0", 1), external_id);
}

std::string Fingerprint(absl::string_view method, const google::protobuf::Message& content) {
  std::string text = absl::StrCat(method, "\n");
  {
    google::protobuf::io::StringOutputStream stream(&text);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    content.SerializeToCodedStream(&coded);
  }
  const auto hash = eventstore::Sha256(text);
  return std::string(reinterpret_cast<const char*>(hash.data()), kFingerprintBytes);
}

}  // namespace services
