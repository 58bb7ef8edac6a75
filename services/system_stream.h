// Streams of the log that belong to no partnership; eventstore::IsSystemStream tells them by their names.

#ifndef SERVICES_SYSTEM_STREAM_H_
#define SERVICES_SYSTEM_STREAM_H_

#include <string>

namespace services {

// Holds what concerns policies and no one partnership: their publication, and which is in force.
inline const std::string kPolicyStream = "$policies";

// Holds what operators overrode: logs that were served although they contradict their watermark.
inline const std::string kOverrideStream = "$overrides";

}  // namespace services

#endif  // SERVICES_SYSTEM_STREAM_H_
