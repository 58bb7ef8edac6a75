#include "services/trustctl/display_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace trustctl {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};

constexpr Range kCombining[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x064B, 0x065F},
                                {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x20D0, 0x20FF},
                                {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};
constexpr Range kWide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},  {0xAC00, 0xD7A3},
                           {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},  {0xFFE0, 0xFFE6},
                           {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
// Marks that turn the direction of the text that follows.
constexpr Range kSteering[] = {{0x00, 0x1F}, {0x7F, 0x9F}, {0x202A, 0x202E}, {0x2066, 0x2069}};

template <size_t N>
bool In(const Range (&ranges)[N], uint32_t point) {
  for (const Range& range : ranges) {
    if (point >= range.first && point <= range.last) return true;
  }
  return false;
}

// Reads one character of text, which is not empty, into *point and returns its bytes; 0 when they are not UTF-8.
size_t Decode(absl::string_view text, uint32_t* point) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  const size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (length == 0 || text.size() < length) return 0;
  *point = length == 1 ? lead : lead & (0x7F >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    *point = (*point << 6) | (byte(i) & 0x3F);
  }
  const bool overlong = (length == 3 && *point < 0x800) || (length == 4 && *point < 0x10000);
  const bool surrogate = *point >= 0xD800 && *point <= 0xDFFF;
  return overlong || surrogate || *point > 0x10FFFF ? 0 : length;
}

int WidthOf(uint32_t point) { return In(kCombining, point) ? 0 : In(kWide, point) ? 2 : 1; }

// The bytes of the longest beginning of text that takes at most width columns.
size_t BytesWithin(absl::string_view text, int width) {
  size_t bytes = 0;
  while (bytes < text.size()) {
    uint32_t point = 0;
    const size_t length = Decode(text.substr(bytes), &point);
    width -= length == 0 ? 1 : WidthOf(point);
    if (width < 0) break;
    bytes += length == 0 ? 1 : length;
  }
  return bytes;
}

}  // namespace

std::string Printable(absl::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    uint32_t point = 0;
    const size_t length = Decode(text, &point);
    if (length > 0 && (point == '\t' || point == '\n')) {
      result.push_back(' ');
    } else if (length == 0 || In(kSteering, point)) {
      absl::StrAppend(&result, "\xEF\xBF\xBD");
    } else {
      absl::StrAppend(&result, text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

int DisplayWidth(absl::string_view text) {
  int width = 0;
  while (!text.empty()) {
    uint32_t point = 0;
    const size_t length = Decode(text, &point);
    width += length == 0 ? 1 : WidthOf(point);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return width;
}

std::vector<std::string> Wrap(absl::string_view text, int width) {
  std::vector<std::string> lines(1);
  for (absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const int space = lines.back().empty() ? 0 : 1;
    if (DisplayWidth(lines.back()) + space + DisplayWidth(word) <= width) {
      absl::StrAppend(&lines.back(), space ? " " : "", word);
      continue;
    }
    if (!lines.back().empty()) lines.emplace_back();
    while (DisplayWidth(word) > width) {
      size_t bytes = BytesWithin(word, width);
      if (const size_t hyphen = word.substr(0, bytes).rfind('-'); hyphen != absl::string_view::npos) bytes = hyphen + 1;
      lines.back() = std::string(word.substr(0, bytes));
      word.remove_prefix(bytes);
      lines.emplace_back();
    }
    lines.back() = std::string(word);
  }
  return lines;
}

std::string WithSeparators(int64_t number) {
  std::string digits = absl::StrCat(number);
  for (int i = static_cast<int>(digits.size()) - 3; i > (number < 0 ? 1 : 0); i -= 3)
    digits.insert(static_cast<size_t>(i), 1, ',');
  return digits;
}

}  // namespace trustctl
