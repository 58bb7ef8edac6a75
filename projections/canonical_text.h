// The canonical text of a message: what a digest is made of. JSON with sorted keys (the proto's own field names), whole
// numbers, enum values by name, no spaces, nothing that has its default. Pure; the same bytes whatever the version of
// protobuf.

#ifndef PROJECTIONS_CANONICAL_TEXT_H_
#define PROJECTIONS_CANONICAL_TEXT_H_

#include <string>

#include "google/protobuf/message.h"

namespace projections {

// REQUIRES: message has fields of these kinds only, and no maps: string, bool, enum, whole numbers, messages, repeated
// ones.
std::string CanonicalText(const google::protobuf::Message& message);

}  // namespace projections

#endif  // PROJECTIONS_CANONICAL_TEXT_H_
