// CRC-32C (Castagnoli; RFC 3720, appendix B.4): finds every error burst of up to 32 bits, hence every flipped bit.
//
// It says that bytes were damaged by accident, not that nobody changed them: that is the work of hashes. Written here
// because no library that is linked offers it: Abseil of 2022 has none, RocksDB's is private, zlib's is another
// polynomial. Uses the SSE4.2 instruction where the machine has it. Thread-safe.

#ifndef EVENTSTORE_CRC32C_H_
#define EVENTSTORE_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace eventstore {

// The checksum of first followed by second.
uint32_t Crc32c(absl::string_view first, absl::string_view second = {});

// The same from a table, on any machine: what Crc32c falls back to.
uint32_t PortableCrc32c(absl::string_view first, absl::string_view second = {});

// A bijection for checksums that are stored beside data. The checksum of data that contains its own checksum has
// degenerate values; of data that contains a masked one it has not.
uint32_t MaskCrc32c(uint32_t crc);

}  // namespace eventstore

#endif  // EVENTSTORE_CRC32C_H_
