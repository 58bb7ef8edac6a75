#include "eventstore/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace eventstore {
namespace {

// 0x1edc6f41 with its bits reversed: the checksum works from the lowest bit.
constexpr uint32_t kPolynomial = 0x82f63b78;

constexpr std::array<uint32_t, 256> MakeTable() {
  std::array<uint32_t, 256> table = {};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? (crc >> 1) ^ kPolynomial : crc >> 1;
    table[byte] = crc;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kTable = MakeTable();

uint32_t ExtendByTable(uint32_t crc, absl::string_view data) {
  for (const char c : data) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<uint8_t>(c)) & 0xff];
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t ExtendByInstruction(uint32_t crc, absl::string_view data) {
  uint64_t wide = crc;
  while (data.size() >= sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, data.data(), sizeof(word));
    wide = _mm_crc32_u64(wide, word);
    data.remove_prefix(sizeof(word));
  }
  crc = static_cast<uint32_t>(wide);
  for (const char c : data) crc = _mm_crc32_u8(crc, static_cast<uint8_t>(c));
  return crc;
}

bool HasInstruction() {
  static const bool has = __builtin_cpu_supports("sse4.2");
  return has;
}
#endif

}  // namespace

uint32_t Crc32c(absl::string_view first, absl::string_view second) {
#if defined(__x86_64__)
  if (HasInstruction()) return ~ExtendByInstruction(ExtendByInstruction(~0u, first), second);
#endif
  return PortableCrc32c(first, second);
}

uint32_t PortableCrc32c(absl::string_view first, absl::string_view second) {
  return ~ExtendByTable(ExtendByTable(~0u, first), second);
}

uint32_t MaskCrc32c(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }

}  // namespace eventstore
