// What every engine accepts: the limits of appends and rows, and the grammar of names.
//
// Names are made of bytes from 0x20 to 0x7e (printable ASCII), so that they can stand in keys, lists and messages as
// they are. Pure functions; thread-safe.

#ifndef EVENTSTORE_LIMITS_H_
#define EVENTSTORE_LIMITS_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventstore/event_store.h"

namespace eventstore {

inline constexpr size_t kTypeBytesMax = 255;
// The id of the key of a sealed part: 1 to this many printable bytes.
inline constexpr size_t kSealedKeyIdBytesMax = 255;
inline constexpr size_t kSealedPartsMax = 64;
inline constexpr size_t kTableNameBytesMax = 64;
inline constexpr size_t kRowKeyBytesMax = 1024;
// Of one append, or one call of WriteRows: names, payloads, keys and values together.
inline constexpr size_t kAppendBytesMax = 32 << 20;

// 1 to kStreamNameBytesMax printable bytes.
bool IsStreamName(absl::string_view name);

// Whether a stream belongs to the system rather than to a caller: its name starts with '$'.
bool IsSystemStream(absl::string_view name);

// [a-z_]+, at most kTableNameBytesMax bytes.
bool IsTableName(absl::string_view name);

// The bytes of an append that keeps every limit. Errors: INVALID_ARGUMENT naming the first that it breaks.
absl::StatusOr<size_t> CheckAppend(const Append& append);

// The bytes of row writes that keep every limit. Errors: INVALID_ARGUMENT naming the first that they break.
absl::StatusOr<size_t> CheckRows(const std::vector<RowWrite>& rows);

// OK for a table that can be read. Errors: INVALID_ARGUMENT.
absl::Status CheckTable(absl::string_view table);

}  // namespace eventstore

#endif  // EVENTSTORE_LIMITS_H_
