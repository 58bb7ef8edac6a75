// Streams of the log that belong to no partnership; eventstore::IsSystemStream tells them by their names.

#ifndef SERVICES_SYSTEM_STREAM_H_
#define SERVICES_SYSTEM_STREAM_H_

#include <string>

#include "absl/strings/string_view.h"

namespace services {

// Holds what concerns policies and no one partnership: their publication, and which is in force.
inline const std::string kPolicyStream = "$policies";
// Holds what concerns persons across partnerships: legal holds, and erasures of personal data.
inline const std::string kContactStream = "$contacts";
// Holds what operators overrode: logs that were served although they contradict their watermark.
inline const std::string kOverrideStream = "$overrides";
// Holds who read which history when, where that is recorded.
inline const std::string kAccessStream = "$access";

// Whether readers of the whole log see a system stream without asking for those: what is in force, what of a
// person was erased, and what was overridden, concern every partnership.
inline bool IsAlwaysShown(absl::string_view stream) {
  return stream == kPolicyStream || stream == kContactStream || stream == kOverrideStream;
}

}  // namespace services

#endif  // SERVICES_SYSTEM_STREAM_H_
