// Why a verb failed, as an absl::Status: what the server refused, with its details, what was wrong with the command
// line, or that no server answered. The exit code and the text that a person reads follow from it. Pure.

#ifndef SERVICES_TRUSTCTL_FAILURE_H_
#define SERVICES_TRUSTCTL_FAILURE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/rpc/status.pb.h"

namespace trustctl {

// What trustctl exits with; documented in its help.
enum class ExitCode {
  kOk = 0,
  kRefused = 1,      // The server refused, an item was rejected, or a file could not be read.
  kUsage = 2,        // The command line is wrong.
  kUnreachable = 3,  // No server answers, or not in time.
};

// The command line is wrong; the message says what would be right and may have several lines.
absl::Status UsageError(absl::string_view message);

// No server answers.
absl::Status Unreachable(absl::string_view message);

// A server's answer. details is the content of grpc-status-details-bin: a google.rpc.Status, empty or unreadable when
// something other than the service itself made the status.
absl::Status ServerRefusal(absl::StatusCode code, absl::string_view message, absl::string_view details);

ExitCode ExitCodeOf(const absl::Status& status);

// The status as the server sent it, or one made of code and message.
google::rpc::Status WireStatusOf(const absl::Status& status);

// True when the service itself made the status, which then has details.
bool HasServerDetails(const absl::Status& status);

// How long the server asks to wait before the call is repeated; nothing when it does not ask for that.
std::optional<absl::Duration> RetryDelayOf(const absl::Status& status);

// The service's reason, as in trust.v1.ErrorReason without its prefix; empty when it gave none.
std::string ReasonOf(const google::rpc::Status& status);

// A few lines for a person: code, reason and message, then each wrong field, each thing in the way, the retry advice
// and what to do next (remedy.h) on a line of its own. Without a line feed at the end.
std::string Describe(const google::rpc::Status& status);
std::string Describe(const absl::Status& status);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_FAILURE_H_
