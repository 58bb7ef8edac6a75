// What to do about an error that the server names, in terms of trustctl's verbs and flags. Pure.

#ifndef SERVICES_TRUSTCTL_REMEDY_H_
#define SERVICES_TRUSTCTL_REMEDY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace trustctl {

// A sentence or two for the reason of an ErrorInfo, as in trust.v1.ErrorReason without its prefix; empty for one that
// is unknown here, and where the error says all that is to be said.
std::string RemedyFor(absl::string_view reason);

// The same for a status without a reason, as something before the service makes it.
std::string RemedyForCode(absl::StatusCode code);

// The same when no server answers, by what gRPC says of the cause.
std::string RemedyForSilence(absl::string_view cause);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_REMEDY_H_
