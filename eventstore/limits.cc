#include "eventstore/limits.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

namespace eventstore {
namespace {

bool IsPrintable(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

// What a timestamp on the wire can say: the years 1 to 9999. A time beyond it would stop the log's clock for ever.
bool IsRecordable(absl::Time time) {
  return time >= absl::FromCivil(absl::CivilSecond(1, 1, 1), absl::UTCTimeZone()) &&
         time < absl::FromCivil(absl::CivilSecond(10000, 1, 1), absl::UTCTimeZone());
}

// Of the payload, in clear and sealed.
size_t DataBytes(const EventData& event) {
  size_t bytes = event.data.size();
  for (const SealedPart& part : event.sealed) {
    bytes += part.key_id.size() + part.nonce.size() + part.ciphertext.size();
  }
  return bytes;
}

absl::Status CheckEvent(absl::string_view stream, const EventData& event) {
  if (event.type.empty() || event.type.size() > kTypeBytesMax || !IsPrintable(event.type)) {
    return absl::InvalidArgumentError(absl::StrCat("an event's type must have 1 to ", kTypeBytesMax,
                                                   " printable ASCII characters; one for stream ", stream, " has not"));
  }
  if (event.sealed.size() > kSealedPartsMax) {
    return absl::InvalidArgumentError(absl::StrCat("an event must have at most ", kSealedPartsMax,
                                                   " sealed parts; one for stream ", stream, " has ",
                                                   event.sealed.size()));
  }
  for (const SealedPart& part : event.sealed) {
    if (part.key_id.empty() || part.key_id.size() > kSealedKeyIdBytesMax || !IsPrintable(part.key_id)) {
      return absl::InvalidArgumentError(
          absl::StrCat("the key id of a sealed part must have 1 to ", kSealedKeyIdBytesMax,
                       " printable ASCII characters; one for stream ", stream, " has not"));
    }
  }
  if (DataBytes(event) > kEventBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("an event must have at most ", kEventBytesMax,
                                                   " bytes of data; one for stream ", stream, " has ",
                                                   DataBytes(event)));
  }
  return absl::OkStatus();
}

absl::Status CheckTotal(size_t bytes) {
  if (bytes <= kAppendBytesMax) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("one append must have at most ", kAppendBytesMax, " bytes; this one has ", bytes));
}

}  // namespace

bool IsStreamName(absl::string_view name) {
  return !name.empty() && name.size() <= kStreamNameBytesMax && IsPrintable(name);
}

bool IsSystemStream(absl::string_view name) { return absl::StartsWith(name, "$"); }

bool IsTableName(absl::string_view name) {
  return !name.empty() && name.size() <= kTableNameBytesMax &&
         std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

absl::StatusOr<size_t> CheckAppend(const Append& append) {
  if (append.streams.empty()) return absl::InvalidArgumentError("an append must name at least one stream");
  if (!IsRecordable(append.record_time)) {
    return absl::InvalidArgumentError("an append's record time must lie in the years 1 to 9999");
  }
  size_t bytes = 0;
  absl::flat_hash_set<absl::string_view> names;
  for (const StreamAppend& stream : append.streams) {
    if (!IsStreamName(stream.stream)) {
      return absl::InvalidArgumentError(
          absl::StrCat("a stream's name must have 1 to ", kStreamNameBytesMax, " printable ASCII characters"));
    }
    if (!names.insert(stream.stream).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("an append must name each stream once; it names ", stream.stream, " twice"));
    }
    if (stream.events.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("an append must hold an event for stream ", stream.stream));
    }
    for (const EventData& event : stream.events) {
      if (absl::Status status = CheckEvent(stream.stream, event); !status.ok()) return status;
      bytes += stream.stream.size() + event.type.size() + DataBytes(event);
    }
  }
  const absl::StatusOr<size_t> row_bytes = CheckRows(append.rows);
  if (!row_bytes.ok()) return row_bytes;
  bytes += *row_bytes;
  if (absl::Status status = CheckTotal(bytes); !status.ok()) return status;
  return bytes;
}

absl::StatusOr<size_t> CheckRows(const std::vector<RowWrite>& rows) {
  size_t bytes = 0;
  for (const RowWrite& row : rows) {
    if (absl::Status status = CheckTable(row.table); !status.ok()) return status;
    // An empty key could be written but never scanned: scans start after a key.
    if (row.key.empty() || row.key.size() > kRowKeyBytesMax) {
      return absl::InvalidArgumentError(absl::StrCat("a row's key must have 1 to ", kRowKeyBytesMax,
                                                     " bytes; one in table ", row.table, " has ", row.key.size()));
    }
    bytes += row.table.size() + row.key.size() + (row.value ? row.value->size() : 0);
  }
  if (absl::Status status = CheckTotal(bytes); !status.ok()) return status;
  return bytes;
}

absl::Status CheckTable(absl::string_view table) {
  if (IsTableName(table)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a table's name must have 1 to ", kTableNameBytesMax, " characters from a-z and _"));
}

}  // namespace eventstore
