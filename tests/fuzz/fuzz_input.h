// What the targets share: the bytes of the fuzzer, taken apart from the front, and how a target says that a property
// does not hold. Each run of a target begins with nothing: no state is kept between inputs.

#ifndef TESTS_FUZZ_FUZZ_INPUT_H_
#define TESTS_FUZZ_FUZZ_INPUT_H_

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/string_view.h"

namespace fuzz {

// Ends the process, which the fuzzer reports as a finding, when what was promised does not hold.
inline void Require(bool holds, absl::string_view promise) {
  if (holds) return;
  std::fprintf(stderr, "BROKEN PROMISE: %.*s\n", static_cast<int>(promise.size()), promise.data());
  std::abort();
}

// More than any message says. One that grows with what was read would not fit into an answer.
inline constexpr size_t kMessageBytesMax = 2048;

inline void RequireModest(const absl::Status& status) {
  Require(status.message().size() <= kMessageBytesMax, "a refusal is short, however long what it refuses");
}

// As much as a refusal can say: clients take 8 KiB of trailers, in which the details are counted in base64 and the
// message stands twice.
inline constexpr size_t kRefusalBytesMax = 5500;

inline void RequireFits(const absl::Status& status) {
  RequireModest(status);
  size_t bytes = 2 * status.message().size();
  status.ForEachPayload([&](absl::string_view, const absl::Cord& payload) { bytes += payload.size(); });
  Require(bytes <= kRefusalBytesMax, "a refusal fits into an answer");
}

// A copy that ends where its block of memory does, so that reading past it is noticed.
class ExactCopy {
 public:
  explicit ExactCopy(absl::string_view bytes) : bytes_(new char[bytes.size()]), size_(bytes.size()) {
    if (!bytes.empty()) std::memcpy(bytes_.get(), bytes.data(), bytes.size());
  }
  absl::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t size_;
};

// Takes the input apart. When it has come to its end there are zeros and empty texts.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return rest_.empty(); }

  uint8_t Byte() {
    if (rest_.empty()) return 0;
    const uint8_t byte = static_cast<uint8_t>(rest_[0]);
    rest_.remove_prefix(1);
    return byte;
  }

  // Which of several parsers the input is for.
  int Pick(int count) { return Byte() % count; }

  // Of the next bytes, the lowest first.
  uint64_t Number(int bytes = 8) {
    uint64_t number = 0;
    for (int i = 0; i < bytes; ++i) number |= uint64_t{Byte()} << (8 * i);
    return number;
  }

  // As long as a number of so many bytes before it says, or as there is something.
  absl::string_view Text(int length_bytes = 1) {
    const uint64_t length = Number(length_bytes);
    const absl::string_view text = rest_.substr(0, std::min<uint64_t>(length, rest_.size()));
    rest_.remove_prefix(text.size());
    return text;
  }

  absl::string_view Rest() {
    const absl::string_view rest = rest_;
    rest_ = {};
    return rest;
  }

 private:
  absl::string_view rest_;
};

}  // namespace fuzz

#endif  // TESTS_FUZZ_FUZZ_INPUT_H_
