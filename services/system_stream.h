// Streams of the log that belong to no partnership: their names begin with a character that no id may hold. Pure.

#ifndef SERVICES_SYSTEM_STREAM_H_
#define SERVICES_SYSTEM_STREAM_H_

#include <string>

#include "absl/strings/string_view.h"

namespace services {

inline bool IsSystemStream(absl::string_view stream) { return !stream.empty() && stream[0] == '$'; }

// Holds what concerns policies and no one partnership: their publication, and which is in force.
inline const std::string kPolicyStream = "$policies";

}  // namespace services

#endif  // SERVICES_SYSTEM_STREAM_H_
