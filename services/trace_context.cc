#include "services/trace_context.h"

#include <algorithm>
#include <string>

namespace services {
namespace {

// version "-" trace-id "-" parent-id "-" trace-flags
constexpr size_t kVersionSize = 2;
constexpr size_t kTraceIdSize = 32;
constexpr size_t kParentIdSize = 16;
constexpr size_t kFlagsSize = 2;
constexpr size_t kWholeSize = kVersionSize + 1 + kTraceIdSize + 1 + kParentIdSize + 1 + kFlagsSize;

bool IsLowerHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsId(absl::string_view text) {
  return IsLowerHex(text) && std::any_of(text.begin(), text.end(), [](char c) { return c != '0'; });
}

}  // namespace

std::optional<trust::v1::TraceContext> ParseTraceParent(absl::string_view traceparent) {
  if (traceparent.size() < kWholeSize) return std::nullopt;
  size_t at = 0;
  const auto take = [&](size_t size) {
    const absl::string_view part = traceparent.substr(at, size);
    at += size + 1;
    return part;
  };
  const absl::string_view version = take(kVersionSize), trace_id = take(kTraceIdSize), parent_id = take(kParentIdSize),
                          flags = take(kFlagsSize);
  for (const size_t dash : {kVersionSize, kVersionSize + 1 + kTraceIdSize, kWholeSize - kFlagsSize - 1}) {
    if (traceparent[dash] != '-') return std::nullopt;
  }
  if (!IsLowerHex(version) || version == "ff" || !IsId(trace_id) || !IsId(parent_id) || !IsLowerHex(flags)) {
    return std::nullopt;
  }
  if (traceparent.size() > kWholeSize && (version == "00" || traceparent[kWholeSize] != '-')) return std::nullopt;
  trust::v1::TraceContext trace;
  trace.set_trace_id(std::string(trace_id));
  trace.set_parent_span_id(std::string(parent_id));
  return trace;
}

bool IsSampled(absl::string_view traceparent) {
  const char digit = traceparent[kWholeSize - 1];  // The lowest bit of the flags.
  return (digit >= 'a' ? digit - 'a' + 10 : digit - '0') % 2 != 0;
}

}  // namespace services
