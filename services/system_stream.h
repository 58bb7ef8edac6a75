// Streams of the log that belong to no partnership; eventstore::IsSystemStream tells them by their names.

#ifndef SERVICES_SYSTEM_STREAM_H_
#define SERVICES_SYSTEM_STREAM_H_

#include <string>

namespace services {

// Holds what concerns policies and no one partnership: their publication, and which is in force.
inline const std::string kPolicyStream = "$policies";
// Holds what concerns persons across partnerships: legal holds, and erasures of personal data.
inline const std::string kContactStream = "$contacts";

}  // namespace services

#endif  // SERVICES_SYSTEM_STREAM_H_
