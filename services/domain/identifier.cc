#include "services/domain/identifier.h"

#include <algorithm>
#include <cstdint>

#include "services/domain/limits.h"

namespace domain {
namespace {

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLowerHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); }
bool IsHex(char c) { return IsLowerHex(c) || (c >= 'A' && c <= 'F'); }

// The size of the well-formed UTF-8 sequence that text begins with, and its code point; 0 when there is none.
size_t DecodeOne(absl::string_view text, uint32_t& code_point) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  const size_t size = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (size == 0 || text.size() < size) return 0;
  code_point = size == 1 ? lead : lead & (0x7F >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    code_point = code_point << 6 | (byte(i) & 0x3F);
  }
  if (size == 3 && (code_point < 0x800 || (code_point >= 0xD800 && code_point < 0xE000))) return 0;
  if (size == 4 && (code_point < 0x10000 || code_point > 0x10FFFF)) return 0;
  return size;
}

}  // namespace

bool IsId(absl::string_view text) {
  if (text.empty() || text.size() > kIdSizeMax || !IsLower(text.front()) || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return IsLower(c) || IsDigit(c) || c == '-'; });
}

bool IsUuid(absl::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !IsHex(text[i])) return false;
  }
  return true;
}

bool IsExternalId(absl::string_view text) {
  const auto alphanumeric = [](char c) { return IsLower(c) || IsDigit(c); };
  if (text.empty() || text.size() > kExternalIdSizeMax) return false;
  if (!alphanumeric(text.front()) || !alphanumeric(text.back())) return false;
  if (std::all_of(text.begin(), text.end(), IsDigit)) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return alphanumeric(c) || c == '-' || c == '.' || c == '_'; });
}

bool IsSha256(absl::string_view text) { return text.size() == 64 && std::all_of(text.begin(), text.end(), IsLowerHex); }

bool IsPolicyLabel(absl::string_view text) {
  const auto alphanumeric = [](char c) { return IsLower(c) || IsDigit(c); };
  if (text.empty() || text.size() > kIdSizeMax || !IsLower(text.front()) || !alphanumeric(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return alphanumeric(c) || c == '.' || c == '/' || c == '_' || c == '-'; });
}

bool IsTraceId(absl::string_view text) {
  return text.size() <= kTraceIdSizeMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

bool IsDisplayText(absl::string_view text) {
  while (!text.empty()) {
    uint32_t code_point = 0;
    const size_t size = DecodeOne(text, code_point);
    if (size == 0 || code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0)) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace domain
