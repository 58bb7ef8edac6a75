// The keys and the small rows of the store. Promised: the order of keys is that of what they name; what is decoded is
// encoded to the same bytes; bytes that are no key are refused.

#include <string>
#include <tuple>

#include "eventstore/key_layout.h"
#include "services/request_ledger.h"
#include "services/standing_rows.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using fuzz::Require;

// A name as streams and tables have them: no byte is below the space.
std::string Name(absl::string_view bytes) {
  std::string name(bytes);
  for (char& c : name) c = static_cast<char>(' ' + static_cast<uint8_t>(c) % ('~' - ' '));
  return name;
}

void OrderKeys(fuzz::Input& input) {
  const std::string a = Name(input.Text()), b = Name(input.Text());
  const uint64_t m = input.Number(), n = input.Number();
  const std::string key = eventstore::StreamKey(a, m), other = eventstore::StreamKey(b, n);
  Require((key < other) == (std::tie(a, m) < std::tie(b, n)),
          "keys of streams are in the order of names and revisions");
  Require((eventstore::LogKey(m) < eventstore::LogKey(n)) == (m < n), "keys of the log are in the order of positions");
  Require(eventstore::IsStreamKey(key, a, m), "a key is of its stream and revision");
  Require(eventstore::IsStreamKey(key, b, n) == (key == other), "a key is of no other stream or revision");
  Require(eventstore::StreamPrefixBytes(key) == eventstore::StreamPrefix(a).size(), "a key holds its stream");
  Require((key >= eventstore::StreamPrefix(b) && key < eventstore::StreamEnd(b)) == (a == b),
          "a stream's keys are those between its beginning and its end");
  const std::string row(input.Rest());
  Require(eventstore::RowKeyInTable(a, eventstore::RowKey(a, row)) == row, "a key holds its row");
  Require(eventstore::RowKey(a, row) < eventstore::TableEnd(a), "a table ends behind its rows");
}

void ReadKeys(absl::string_view bytes) {
  const fuzz::ExactCopy exact(bytes);
  const absl::string_view key = exact.view();
  if (const auto number = eventstore::DecodeNumber(key)) Require(eventstore::EncodeNumber(*number) == key, "a number");
  if (const auto prefix = eventstore::StreamPrefixBytes(key)) {
    Require(*prefix <= key.size(), "a prefix is within its key");
    const absl::string_view stream = key.substr(0, *prefix - 1);
    const uint64_t revision = eventstore::DecodeNumber(key.substr(*prefix)).value_or(1);
    Require(eventstore::IsStreamKey(key, stream, revision) == (eventstore::StreamKey(stream, revision) == key),
            "a stream key is of its stream and revision");
  }
  if (const auto tile = eventstore::DecodeTileKey(key)) {
    Require(eventstore::TileKey(tile->level, tile->index) == key, "a tile key is of its level and index");
  }
}

void ReadDeed(absl::string_view bytes) {
  const fuzz::ExactCopy exact(bytes);
  if (const auto deed = services::DecodeDeed(exact.view())) {
    Require(services::EncodeDeed(*deed) == bytes, "a deed that is read was written so");
  }
}

void WriteDeed(fuzz::Input& input) {
  services::Deed deed;
  deed.fingerprint.assign(services::kFingerprintBytes, static_cast<char>(input.Byte()));
  deed.first_revision = static_cast<int64_t>(input.Number());
  deed.event_count = static_cast<int64_t>(input.Number());
  deed.partnership = std::string(input.Rest());
  const auto returned = services::DecodeDeed(services::EncodeDeed(deed));
  Require(returned && returned->fingerprint == deed.fingerprint && returned->first_revision == deed.first_revision &&
              returned->event_count == deed.event_count && returned->partnership == deed.partnership,
          "a deed is read as it was written");
}

void OrderDays(fuzz::Input& input) {
  const auto a = static_cast<projections::Day>(input.Number(4)), b = static_cast<projections::Day>(input.Number(4));
  Require(services::DayOfKey(services::DayKey(a)) == a, "a day");
  Require((services::DayKey(a) < services::DayKey(b)) == (a < b), "days sort as bytes");
  const uint64_t sequence = input.Number();
  Require(services::SequenceOfKey(services::SequenceKey(sequence)) == sequence, "a sequence number");
  trust::v1::AttentionItem item;
  const std::string partnership = Name(input.Text());
  item.set_trustor(Name(input.Text()));
  item.set_trustee(Name(input.Text()));
  item.set_event(Name(input.Rest()));
  Require(services::PartnershipOfPlace(services::AttentionPlace(a, partnership, item)) == partnership,
          "a place holds its partnership");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  switch (input.Pick(5)) {
    case 0:
      OrderKeys(input);
      break;
    case 1:
      ReadKeys(input.Rest());
      break;
    case 2:
      ReadDeed(input.Rest());
      break;
    case 3:
      WriteDeed(input);
      break;
    case 4:
      OrderDays(input);
      break;
  }
  return 0;
}
