#include "services/trustctl/replayed_history.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "services/trustctl/words.h"

namespace trustctl {

absl::StatusOr<trust::v1::ReplayEnd> Replayed(const trust::v1::ReplayHistoryRequest& request, Session& session,
                                              absl::FunctionRef<void(const trust::v1::ReplayStep&)> add) {
  const Console& console = session.console;
  int64_t steps = 0;
  trust::v1::ReplayEnd end;
  bool ended = false;
  const absl::Status status =
      session.connection.ReplayHistory(request, [&](const trust::v1::ReplayHistoryResponse& response) {
        if (response.has_end()) {
          end = response.end();
          ended = true;
        }
        if (console.json) PrintJson(response, console.out);
        if (!response.has_step()) return;
        ++steps;
        add(response.step());
      });
  if (!status.ok()) {
    if (steps > 0)
      console.err << "trustctl: the replay broke off after " << Count(steps, "event") << "; it is not complete\n";
    return status;
  }
  if (!ended || end.event_count() != steps) {
    return absl::DataLossError(absl::StrCat("the replay was cut after ", Count(steps, "event"),
                                            ": the server did not say that it is complete; repeat it"));
  }
  return end;
}

std::string EndInWords(const trust::v1::ReplayEnd& end) {
  return absl::StrCat("The replay is complete: ", Count(end.event_count(), "event"), " up to revision ", end.revision(),
                      ", under ", PolicyInWords(end.policy_version(), end.policy_sha256()), ".");
}

}  // namespace trustctl
