#include "eventstore/key_layout.h"

namespace eventstore {
namespace {

constexpr size_t kNumberBytes = 8;
constexpr char kNameEnd = '\x00';
constexpr char kAfterNameEnd = '\x01';

void AppendNumber(uint64_t number, std::string* key) {
  for (int shift = 56; shift >= 0; shift -= 8) key->push_back(static_cast<char>(number >> shift));
}

std::string Join(absl::string_view name, char end, size_t room) {
  std::string key;
  key.reserve(name.size() + 1 + room);
  key.append(name.data(), name.size());
  key.push_back(end);
  return key;
}

}  // namespace

std::string EncodeNumber(uint64_t number) {
  std::string bytes;
  AppendNumber(number, &bytes);
  return bytes;
}

std::optional<uint64_t> DecodeNumber(absl::string_view bytes) {
  if (bytes.size() != kNumberBytes) return std::nullopt;
  uint64_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<uint8_t>(c);
  return number;
}

std::string LogKey(uint64_t position) { return EncodeNumber(position); }

std::string StreamKey(absl::string_view stream, uint64_t revision) {
  std::string key = Join(stream, kNameEnd, kNumberBytes);
  AppendNumber(revision, &key);
  return key;
}

std::string StreamPrefix(absl::string_view stream) { return Join(stream, kNameEnd, 0); }

std::string StreamEnd(absl::string_view stream) { return Join(stream, kAfterNameEnd, 0); }

std::optional<size_t> StreamPrefixBytes(absl::string_view key) {
  const size_t end = key.find(kNameEnd);
  if (end == absl::string_view::npos) return std::nullopt;
  return end + 1;
}

bool IsStreamKey(absl::string_view key, absl::string_view stream, uint64_t revision) {
  return key.size() > stream.size() && key[stream.size()] == kNameEnd && key.substr(0, stream.size()) == stream &&
         DecodeNumber(key.substr(stream.size() + 1)) == revision;
}

std::string RowKey(absl::string_view table, absl::string_view key) {
  std::string row_key = Join(table, kNameEnd, key.size());
  row_key.append(key.data(), key.size());
  return row_key;
}

std::string TableEnd(absl::string_view table) { return Join(table, kAfterNameEnd, 0); }

absl::string_view RowKeyInTable(absl::string_view table, absl::string_view key) { return key.substr(table.size() + 1); }

std::string TileKey(int tile_level, uint64_t tile) {
  std::string key(1, static_cast<char>(tile_level));
  AppendNumber(tile, &key);
  return key;
}

std::optional<TileName> DecodeTileKey(absl::string_view key) {
  if (key.empty()) return std::nullopt;
  const std::optional<uint64_t> index = DecodeNumber(key.substr(1));
  if (!index) return std::nullopt;
  return TileName{static_cast<uint8_t>(key[0]), *index};
}

}  // namespace eventstore
