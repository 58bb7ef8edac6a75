#include "eventstore/rocksdb_log_file.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "eventstore/crc32c.h"

namespace eventstore {
namespace {

// file := block*; block := record* trailer?; a block has 32 KiB, a trailer fewer bytes than a header.
// record := checksum (4, masked CRC-32C of type and payload) length (2) type (1) payload; numbers lowest byte first.
constexpr size_t kBlockBytes = 32768;
constexpr size_t kHeaderBytes = 7;

// What a disk writes as a whole, and what a file system hands to it at least. Where it was not written, zeros are read.
constexpr size_t kSectorBytes = 512;
constexpr size_t kPageBytes = 4096;
// Fewer zeros at the end may be what was written.
constexpr size_t kUnwrittenBytesMin = 16;

// How a record of the writer lies in this one: whole, or as one of several fragments in blocks that follow each other.
constexpr uint8_t kWhole = 1;
constexpr uint8_t kFirst = 2;
constexpr uint8_t kLast = 4;

uint8_t Byte(absl::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

size_t LengthAt(absl::string_view block, size_t at) { return Byte(block, at + 4) | Byte(block, at + 5) << 8; }

// Whether the checksum at a place fits a type and a length.
bool Fits(absl::string_view block, size_t at, uint8_t type, size_t length) {
  if (at + kHeaderBytes + length > block.size()) return false;
  const uint32_t checksum = Byte(block, at) | Byte(block, at + 1) << 8 | Byte(block, at + 2) << 16 |
                            static_cast<uint32_t>(Byte(block, at + 3)) << 24;
  const char type_byte = static_cast<char>(type);
  return checksum == MaskCrc32c(Crc32c(absl::string_view(&type_byte, 1), block.substr(at + kHeaderBytes, length)));
}

bool IsSound(absl::string_view block, size_t at) {
  const uint8_t type = Byte(block, at + 6);
  return type >= kWhole && type <= kLast && Fits(block, at, type, LengthAt(block, at));
}

bool BeginsSoundRecord(absl::string_view block, size_t at) {
  return Byte(block, at + 6) <= kFirst && IsSound(block, at);
}

// What the sound records at the beginning of blocks tell.
struct SoundRecords {
  bool begin_one = false;       // Whether one of them begins a writer's record.
  bool are_unfinished = false;  // Whether the last of them is not the last of a writer's record.
};

// The place in a block where its sound records end.
size_t SkipSound(absl::string_view block, SoundRecords* records) {
  size_t at = 0;
  while (at + kHeaderBytes <= block.size() && IsSound(block, at)) {
    if (BeginsSoundRecord(block, at)) records->begin_one = true;
    records->are_unfinished = Byte(block, at + 6) != kWhole && Byte(block, at + 6) != kLast;
    at += kHeaderBytes + LengthAt(block, at);
  }
  return at;
}

bool AnyBeginsAfter(absl::string_view file, size_t block_at, size_t bad_at) {
  const absl::string_view block = file.substr(block_at, kBlockBytes);
  // Where the next record begins is not known when a length is damaged: it may be anywhere.
  for (size_t at = bad_at + 1; at + kHeaderBytes <= block.size(); ++at) {
    if (BeginsSoundRecord(block, at)) return true;
  }
  SoundRecords later;
  for (size_t next = block_at + kBlockBytes; next < file.size() && !later.begin_one; next += kBlockBytes) {
    SkipSound(file.substr(next, kBlockBytes), &later);
  }
  return later.begin_one;
}

// Whether all bytes of a bad record are there: it ends where its header says, or with the block, or before zeros.
bool IsComplete(absl::string_view block, size_t bad_at) {
  const size_t last_byte = block.find_last_not_of('\0');
  for (uint8_t type = kWhole; type <= kLast; ++type) {
    if (Fits(block, bad_at, type, LengthAt(block, bad_at))) return true;
    if (Fits(block, bad_at, type, block.size() - bad_at - kHeaderBytes)) return true;
    if (last_byte != absl::string_view::npos && last_byte >= bad_at + kHeaderBytes &&
        Fits(block, bad_at, type, last_byte + 1 - bad_at - kHeaderBytes)) {
      return true;
    }
  }
  return false;
}

size_t RoundUp(size_t at, size_t unit) { return (at + unit - 1) / unit * unit; }

// Whether a bad record has parts that were never written: zeros from the beginning of a sector to the end of the file,
// or a whole page of them; or zeros from its beginning to the end of that page, so that even its length is not there.
bool HasUnwrittenParts(absl::string_view file, size_t bad_at) {
  if (file.find_first_not_of('\0', bad_at) >= RoundUp(bad_at + kHeaderBytes, kPageBytes)) return true;
  const size_t length = LengthAt(file, bad_at);
  const size_t end = std::min(bad_at + kHeaderBytes + length, file.size());
  const size_t last_byte = file.find_last_not_of('\0');
  const size_t unwritten = RoundUp(std::max(last_byte, bad_at) + 1, kSectorBytes);
  if (unwritten < end && file.size() - unwritten >= kUnwrittenBytesMin) return true;
  for (size_t page = RoundUp(bad_at + kHeaderBytes, kPageBytes); page + kPageBytes <= end; page += kPageBytes) {
    const size_t other = file.find_first_not_of('\0', page);
    if (other == absl::string_view::npos || other >= page + kPageBytes) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<size_t> CheckLogFile(absl::string_view file) {
  SoundRecords sound;
  for (size_t block_at = 0; block_at < file.size(); block_at += kBlockBytes) {
    const absl::string_view block = file.substr(block_at, kBlockBytes);
    const size_t at = SkipSound(block, &sound);
    if (at + kHeaderBytes > block.size()) continue;
    if (file.find_first_not_of('\0', block_at + at) == absl::string_view::npos) {
      return sound.are_unfinished ? block_at + at : file.size();
    }
    if (AnyBeginsAfter(file, block_at, at) || IsComplete(block, at)) {
      return absl::DataLossError(absl::StrCat("the record at byte ", block_at + at, " is damaged"));
    }
    return HasUnwrittenParts(file, block_at + at) ? block_at + at : file.size();
  }
  return file.size();
}

}  // namespace eventstore
