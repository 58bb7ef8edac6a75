// How often each error reason was answered. The reasons are those of the protos and no others, so that nothing a caller
// sends can make a new one. Thread-safe.

#ifndef SERVICES_REASON_COUNTS_H_
#define SERVICES_REASON_COUNTS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "trust/v1/errors.pb.h"

namespace services {

class ReasonCounts {
 public:
  // A reason that this program does not know counts as none: ERROR_REASON_UNSPECIFIED.
  void Add(trust::v1::ErrorReason reason) {
    const bool known = reason > 0 && reason < trust::v1::ErrorReason_ARRAYSIZE;
    counts_[known ? reason : 0].fetch_add(1, std::memory_order_relaxed);
  }

  // Each reason that the protos name, as errors tell it, and how often it was answered; without a reason: UNSPECIFIED.
  std::vector<std::pair<std::string, uint64_t>> Read() const {
    std::vector<std::pair<std::string, uint64_t>> read;
    for (int reason = 0; reason < trust::v1::ErrorReason_ARRAYSIZE; ++reason) {
      if (!trust::v1::ErrorReason_IsValid(reason)) continue;
      const auto& name = trust::v1::ErrorReason_Name(static_cast<trust::v1::ErrorReason>(reason));
      read.emplace_back(std::string(absl::StripPrefix(absl::string_view(name.data(), name.size()), "ERROR_REASON_")),
                        counts_[reason].load(std::memory_order_relaxed));
    }
    return read;
  }

 private:
  std::array<std::atomic<uint64_t>, trust::v1::ErrorReason_ARRAYSIZE> counts_{};
};

}  // namespace services

#endif  // SERVICES_REASON_COUNTS_H_
