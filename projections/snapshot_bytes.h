// The bytes of a snapshot of a fold: numbers of variable length, the lowest seven bits first, and what is made of them.
// They are for the program that wrote them alone: no other reads them. A reader takes any bytes: what does not fit
// together makes it fail, and from then on it reads zeros. Plain values; not synchronised.

#ifndef PROJECTIONS_SNAPSHOT_BYTES_H_
#define PROJECTIONS_SNAPSHOT_BYTES_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "projections/day.h"

namespace projections {

class SnapshotWriter {
 public:
  void Number(uint64_t number) {
    while (number >= 0x80) {
      bytes_.push_back(static_cast<char>(number | 0x80));
      number >>= 7;
    }
    bytes_.push_back(static_cast<char>(number));
  }
  // Small distances from 0 are short, on either side.
  void Signed(int64_t number) {
    Number((static_cast<uint64_t>(number) << 1) ^ (number < 0 ? ~uint64_t{0} : uint64_t{0}));
  }
  // The distance of two numbers of any size.
  void Distance(int64_t from, int64_t to) {
    Signed(static_cast<int64_t>(static_cast<uint64_t>(to) - static_cast<uint64_t>(from)));
  }
  void Text(absl::string_view text) {
    Number(text.size());
    bytes_.append(text.data(), text.size());
  }

  const std::string& bytes() const { return bytes_; }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class SnapshotReader {
 public:
  // bytes outlive the reader and the texts that it returns.
  explicit SnapshotReader(absl::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool ok() const { return ok_; }
  // Whether all was read, and nothing was wrong.
  bool done() const { return ok_ && at_ == end_; }
  void Fail() {
    ok_ = false;
    at_ = end_;
  }
  void Require(bool holds) {
    if (!holds) Fail();
  }

  uint64_t Number() {
    if (at_ < end_ && static_cast<unsigned char>(*at_) < 0x80) return static_cast<unsigned char>(*at_++);
    return LongNumber();
  }
  int64_t Signed() {
    const uint64_t number = Number();
    return static_cast<int64_t>((number >> 1) ^ (~(number & 1) + 1));
  }
  int64_t Distance(int64_t from) {
    return static_cast<int64_t>(static_cast<uint64_t>(from) + static_cast<uint64_t>(Signed()));
  }
  // A number below a bound; 0 and a failure for another.
  uint64_t Below(uint64_t bound) {
    const uint64_t number = Number();
    if (number < bound) return number;
    Fail();
    return 0;
  }
  // A number between two, both included.
  int64_t Between(int64_t min, int64_t max) {
    const int64_t number = Signed();
    if (min <= number && number <= max) return number;
    Fail();
    return min;
  }
  // One that grows by one with something that happens, and is far from its end.
  int64_t Tally() { return Between(0, int64_t{1} << 62); }
  // How many things follow, each of at least so many bytes.
  size_t Count(size_t bytes_min = 1) {
    const uint64_t count = Number();
    if (count <= static_cast<uint64_t>(end_ - at_) / bytes_min) return static_cast<size_t>(count);
    Fail();
    return 0;
  }
  // A day at a distance from another.
  Day DayFrom(Day from) {
    const int64_t day = Distance(from);
    if (kFirst <= day && day <= kLast) return static_cast<Day>(day);
    Fail();
    return 0;
  }
  // The same, or kNever.
  Day DayOrNeverFrom(Day from) {
    const int64_t day = Distance(from);
    if (day == kNever || (kFirst <= day && day <= kLast)) return static_cast<Day>(day);
    Fail();
    return 0;
  }
  bool Flag() { return Below(2) == 1; }
  absl::string_view Text() {
    const uint64_t size = Number();
    if (size > static_cast<uint64_t>(end_ - at_)) {
      Fail();
      return "";
    }
    const absl::string_view text(at_, static_cast<size_t>(size));
    at_ += size;
    return text;
  }

 private:
  // The years 1 to 9999, and the day before and after.
  static constexpr int64_t kFirst = -719'163, kLast = 2'932'897;

  uint64_t LongNumber() {
    uint64_t number = 0;
    for (int shift = 0; shift < 64 && at_ < end_; shift += 7) {
      const uint64_t byte = static_cast<unsigned char>(*at_++);
      number |= (byte & 0x7f) << shift;
      if (byte < 0x80) return number;
    }
    Fail();
    return 0;
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

// Indexes in their order, each at its distance from the one before.
inline void WriteIndexes(absl::Span<const uint32_t> indexes, SnapshotWriter* writer) {
  writer->Number(indexes.size());
  int64_t before = 0;
  for (const uint32_t index : indexes) {
    writer->Distance(before, index);
    before = index;
  }
}

inline std::vector<uint32_t> ReadIndexes(size_t bound, SnapshotReader* reader) {
  std::vector<uint32_t> indexes(reader->Count());
  int64_t before = 0;
  for (uint32_t& index : indexes) {
    before = reader->Distance(before);
    if (static_cast<uint64_t>(before) >= bound) {
      reader->Fail();
      return {};
    }
    index = static_cast<uint32_t>(before);
  }
  return indexes;
}

// The keys of a table that has no order, in theirs: the same content gives the same bytes.
template <typename Table>
std::vector<typename Table::key_type> SortedKeys(const Table& table) {
  std::vector<typename Table::key_type> keys;
  keys.reserve(table.size());
  for (const auto& entry : table) {
    if constexpr (std::is_same_v<typename Table::key_type, typename Table::value_type>) {
      keys.push_back(entry);
    } else {
      keys.push_back(entry.first);
    }
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

// The names of a table of numbers, by their numbers. REQUIRES: these are 0 and on, without a gap.
template <typename Table>
void WriteNames(const Table& numbers, SnapshotWriter* writer) {
  std::vector<absl::string_view> names(numbers.size());
  for (const auto& [name, number] : numbers) names[static_cast<size_t>(number)] = name;
  writer->Number(names.size());
  for (const absl::string_view name : names) writer->Text(name);
}

// Into an empty table; a name that stands there twice is a failure, and so are more than its numbers can count.
template <typename Table>
void ReadNames(SnapshotReader* reader, Table* numbers) {
  const size_t count = reader->Count();
  reader->Require(count <= static_cast<size_t>(std::numeric_limits<typename Table::mapped_type>::max()));
  for (size_t i = 0; i < count && reader->ok(); ++i) {
    const absl::string_view name = reader->Text();
    reader->Require(numbers->emplace(std::string(name), static_cast<typename Table::mapped_type>(i)).second);
  }
}

}  // namespace projections

#endif  // PROJECTIONS_SNAPSHOT_BYTES_H_
