// The trace that a call belongs to, as W3C Trace Context says it: the metadata traceparent. Only the ids are kept, so
// that an event can be found from a trace and a trace from an event. Pure.

#ifndef SERVICES_TRACE_CONTEXT_H_
#define SERVICES_TRACE_CONTEXT_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "trust/v1/events.pb.h"

namespace services {

// The ids in a traceparent; nothing when it is not one, in which case the call has none. Of a version that is newer
// than 00 what 00 has is read, as the specification asks.
std::optional<trust::v1::TraceContext> ParseTraceParent(absl::string_view traceparent);

// Whether one says that its caller may have recorded the trace. REQUIRES: ParseTraceParent reads it.
bool IsSampled(absl::string_view traceparent);

}  // namespace services

#endif  // SERVICES_TRACE_CONTEXT_H_
