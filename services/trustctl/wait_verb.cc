#include "services/trustctl/wait_verb.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/stopwatch.h"

namespace trustctl {
namespace {

constexpr char kTimeout[] = "timeout";
constexpr char kTimeoutDefault[] = "30s";
// What is asked for with less time left than this tells nothing about the server.
constexpr absl::Duration kShortestTry = absl::Milliseconds(10);

absl::Status RunWait(const Invocation& invocation, Session& session) {
  const absl::StatusOr<absl::Duration> timeout = ParseWait(kTimeout, invocation.Get(kTimeout, kTimeoutDefault));
  if (!timeout.ok()) return timeout.status();
  const Stopwatch stopwatch;
  std::string last = "nothing was tried";
  for (absl::Duration pause = absl::Milliseconds(50);; pause = std::min(pause * 2, absl::Seconds(1))) {
    const absl::Duration left = *timeout - stopwatch.Elapsed();
    if (left < kShortestTry) break;
    const auto answer = session.connection.CheckHealth(left);
    if (!answer.ok()) {
      last = Describe(answer.status());
    } else if (answer->status() == grpc::health::v1::HealthCheckResponse::SERVING) {
      if (session.console.json) PrintJson(*answer, session.console.out);
      return absl::OkStatus();
    } else {
      last =
          absl::StrCat("its health is ", grpc::health::v1::HealthCheckResponse::ServingStatus_Name(answer->status()));
    }
    absl::SleepFor(std::min(pause, std::max(absl::ZeroDuration(), *timeout - stopwatch.Elapsed())));
  }
  return Unreachable(absl::StrCat(session.connection.server(), " was not serving within ",
                                  absl::FormatDuration(*timeout), ": ", last));
}

}  // namespace

Verb WaitVerb() {
  Verb verb;
  verb.syntax.name = "wait";
  verb.syntax.summary = "wait until the server is ready";
  verb.syntax.description =
      "Waits until the server's health is SERVING: its recovery is done and its log can be written. Says nothing and "
      "exits with "
      "0 when it is, with 3 and the last answer when the time is over.";
  verb.syntax.flags = {{kTimeout, "TIME", "how long to wait at most; default 30s"}};
  verb.syntax.examples = {"trustctl wait --timeout 2m && trustctl import history.jsonl"};
  verb.run = RunWait;
  return verb;
}

}  // namespace trustctl
