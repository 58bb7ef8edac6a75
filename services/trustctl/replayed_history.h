// One call of ReplayHistory to its end, which must be the end.

#ifndef SERVICES_TRUSTCTL_REPLAYED_HISTORY_H_
#define SERVICES_TRUSTCTL_REPLAYED_HISTORY_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "services/trustctl/verb.h"
#include "trust/v1/history_service.pb.h"

namespace trustctl {

// Calls add with each step, and prints every message where JSON is wanted. Errors: as for every call; DATA_LOSS when
// the server did not say that the replay is complete, or said another number of events.
absl::StatusOr<trust::v1::ReplayEnd> Replayed(const trust::v1::ReplayHistoryRequest& request, Session& session,
                                              absl::FunctionRef<void(const trust::v1::ReplayStep&)> add);

// "The replay is complete: ..."
std::string EndInWords(const trust::v1::ReplayEnd& end);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_REPLAYED_HISTORY_H_
