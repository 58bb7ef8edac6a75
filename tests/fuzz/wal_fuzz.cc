// The look at a write-ahead log that is stricter than the engine's own. Promised: what is kept of a file is a beginning
// of it that is sound; a file that was written whole is kept whole; one that was cut anywhere is never called damaged;
// one in which a record was changed that others follow always is.

#include <algorithm>
#include <string>
#include <vector>

#include "eventstore/crc32c.h"
#include "eventstore/rocksdb_log_file.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using fuzz::Require;

constexpr size_t kBlockBytes = 32768;
constexpr size_t kHeaderBytes = 7;
constexpr size_t kFileBytesMax = 2 * kBlockBytes;  // To which one record is added.

// Writes a log as the engine does.
class LogWriter {
 public:
  void Add(std::string payload) {
    bool first = true;
    for (;;) {
      size_t room = kBlockBytes - file_.size() % kBlockBytes;
      if (room < kHeaderBytes) {
        file_.append(room, '\0');
        room = kBlockBytes;
      }
      const size_t taken = std::min(payload.size(), room - kHeaderBytes);
      const bool last = taken == payload.size();
      AddFragment(payload.substr(0, taken), first ? (last ? 1 : 2) : (last ? 4 : 3));
      payload.erase(0, taken);
      first = false;
      if (last) break;
    }
    ends_.push_back(file_.size());
  }

  const std::string& file() const { return file_; }
  const std::vector<size_t>& ends() const { return ends_; }
  // Whether a byte is of a record, and not of what fills up a block.
  bool IsOfRecord(size_t at) const {
    return std::any_of(fragments_.begin(), fragments_.end(),
                       [at](const auto& f) { return at >= f.first && at < f.second; });
  }

 private:
  void AddFragment(const std::string& payload, int type) {
    const char type_byte = static_cast<char>(type);
    const uint32_t checksum = eventstore::MaskCrc32c(eventstore::Crc32c(absl::string_view(&type_byte, 1), payload));
    const size_t begin = file_.size();
    for (int i = 0; i < 4; ++i) file_.push_back(static_cast<char>(checksum >> (8 * i)));
    file_.push_back(static_cast<char>(payload.size()));
    file_.push_back(static_cast<char>(payload.size() >> 8));
    file_.push_back(type_byte);
    file_ += payload;
    fragments_.emplace_back(begin, file_.size());
  }

  std::string file_;
  std::vector<size_t> ends_;  // Of the records.
  std::vector<std::pair<size_t, size_t>> fragments_;
};

absl::StatusOr<size_t> Check(absl::string_view bytes) {
  const fuzz::ExactCopy file(bytes);
  const absl::StatusOr<size_t> kept = eventstore::CheckLogFile(file.view());
  if (!kept.ok()) {
    fuzz::RequireModest(kept.status());
    return kept;
  }
  Require(*kept <= bytes.size(), "no more is kept than there is");
  const fuzz::ExactCopy beginning(bytes.substr(0, *kept));
  const absl::StatusOr<size_t> again = eventstore::CheckLogFile(beginning.view());
  Require(again.ok() && *again == *kept, "what is kept is sound");
  return kept;
}

void CheckWritten(fuzz::Input& input) {
  const uint64_t where = input.Number(4);
  const uint8_t flipped = static_cast<uint8_t>(1u << (input.Byte() % 8));
  LogWriter writer;
  while (!input.empty() && writer.file().size() < kFileBytesMax) {
    // Of one byte again and again: a payload that holds records is another matter.
    const size_t length = input.Number(2);
    writer.Add(std::string(length, static_cast<char>(input.Byte())));
  }
  const std::string& file = writer.file();
  const absl::StatusOr<size_t> whole = Check(file);
  Require(whole.ok() && *whole == file.size(), "what was written is kept");
  if (file.empty()) return;

  const size_t place = where % file.size();
  const absl::StatusOr<size_t> cut = Check(absl::string_view(file).substr(0, place));
  Require(cut.ok(), "a log that was cut is not damaged");

  const bool is_followed = std::any_of(writer.ends().begin(), writer.ends().end(),
                                       [&](size_t end) { return end > place && end < file.size(); });
  if (!is_followed || !writer.IsOfRecord(place)) return;
  std::string damaged = file;
  damaged[place] = static_cast<char>(damaged[place] ^ flipped);
  Require(!Check(damaged).ok(), "a damaged record that others follow is found");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  if (input.Pick(2) == 0) {
    (void)Check(input.Rest());
  } else {
    CheckWritten(input);
  }
  return 0;
}
