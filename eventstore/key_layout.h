// The keys of an ordered engine: the grammar of README.md in code. Bytewise order of keys is the order of what they
// name.
//
// Numbers are big-endian and of fixed width, so that they sort as bytes; a name ends in a byte smaller than any byte of
// a name, so that "a" sorts before "a1" with everything that belongs to it. Pure functions; thread-safe.

#ifndef EVENTSTORE_KEY_LAYOUT_H_
#define EVENTSTORE_KEY_LAYOUT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace eventstore {

// Eight bytes, most significant first.
std::string EncodeNumber(uint64_t number);
// nullopt unless bytes are exactly eight.
std::optional<uint64_t> DecodeNumber(absl::string_view bytes);

// Family log: position.
std::string LogKey(uint64_t position);

// Family streams: name, 0x00, revision.
std::string StreamKey(absl::string_view stream, uint64_t revision);
// What all keys of a stream start with, and no other key does.
std::string StreamPrefix(absl::string_view stream);
// Greater than all keys of a stream, not greater than any key of a later one.
std::string StreamEnd(absl::string_view stream);
// The length of the prefix of a stream key; nullopt for bytes that are none.
std::optional<size_t> StreamPrefixBytes(absl::string_view key);
// Whether it is StreamKey(stream, revision).
bool IsStreamKey(absl::string_view key, absl::string_view stream, uint64_t revision);

// Family rows: table, 0x00, the row's key.
std::string RowKey(absl::string_view table, absl::string_view key);
// Greater than all keys of a table, not greater than any key of a later one.
std::string TableEnd(absl::string_view table);
// The row's own key in a key of this table: what follows the table's name and its end.
absl::string_view RowKeyInTable(absl::string_view table, absl::string_view key);

// Family tree: the level of a tile (one byte), its index.
std::string TileKey(int tile_level, uint64_t tile);
struct TileName {
  int level;
  uint64_t index;
};
// nullopt for bytes that are no such key.
std::optional<TileName> DecodeTileKey(absl::string_view key);

}  // namespace eventstore

#endif  // EVENTSTORE_KEY_LAYOUT_H_
