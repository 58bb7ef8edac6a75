#include "services/trustctl/watch_verb.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/interruption.h"
#include "services/trustctl/watch_table.h"

namespace trustctl {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(100);
constexpr absl::Duration kLongestPause = absl::Seconds(5);

// A watch over as many calls as it takes: what is to come, and from where the next call goes on.
class Watch {
 public:
  Watch(const Invocation& invocation, Session& session, int64_t left)
      : invocation_(invocation), session_(session), console_(session.console), left_(left) {
    place_ = invocation.Get("after");
  }

  // One call, to its end. OK only when enough has come.
  absl::Status Call() { return invocation_.Has("events") ? CallEvents() : CallTrust(); }

  bool enough() const { return left_ <= 0 || !console_.out; }
  // Whether the server has said anything.
  bool heard() const { return heard_; }
  // Whether it has since the last time it was asked.
  bool TakeProgress() { return std::exchange(progress_, false); }
  const std::string& place() const { return place_; }

 private:
  absl::Status CallTrust() {
    trust::v1::WatchTrustRequest request;
    for (const std::string& partnership : invocation_.arguments) request.add_partnerships(partnership);
    request.set_resume_token(place_);
    request.set_snapshot(place_.empty() && invocation_.Has("snapshot"));
    return session_.connection.WatchTrust(request, [&](const trust::v1::WatchTrustResponse& message) {
      Hear(message.has_caught_up() ? absl::StrCat(" from ", message.caught_up().date(), " on") : "");
      trust_table_.Show(message, console_);
      left_ -= TrustWatchTable::CountOf(message);
      if (enough()) trust_table_.Print(console_);
      if (trust_table_.waiting() == 0) GoOnBehind(message.resume_token());
      return !enough();
    });
  }

  absl::Status CallEvents() {
    trust::v1::WatchEventsRequest request;
    if (invocation_.arguments.size() == 1) {
      request.set_partnership(invocation_.arguments[0]);
    } else {
      for (const std::string& partnership : invocation_.arguments) request.add_partnerships(partnership);
    }
    request.set_after_position(place_);
    request.set_from_now(place_.empty());
    return session_.connection.WatchEvents(request, [&](const trust::v1::WatchEventsResponse& message) {
      Hear("");
      const int64_t shown = event_table_.Show(message, left_, console_);
      left_ -= shown;
      const bool is_cut = shown < message.events().events_size();
      GoOnBehind(is_cut ? message.events().events(static_cast<int>(shown) - 1).log_position()
                        : message.resume_position());
      return !enough();
    });
  }

  // Takes the place of what was shown, once it has arrived where it is printed.
  void GoOnBehind(const std::string& place) {
    console_.out.flush();
    if (console_.out && !place.empty()) place_ = place;
  }

  void Hear(const std::string& since) {
    if (!heard_) console_.err << "trustctl: watching " << session_.connection.server() << since << "\n" << std::flush;
    heard_ = true;
    progress_ = true;
  }

  const Invocation& invocation_;
  Session& session_;
  const Console& console_;
  int64_t left_;
  std::string place_;  // Behind which to go on; empty for from now on.
  bool heard_ = false;
  bool progress_ = false;
  TrustWatchTable trust_table_;
  EventWatchTable event_table_;
};

absl::StatusOr<int64_t> CountOf(const Invocation& invocation) {
  int64_t count = std::numeric_limits<int64_t>::max();
  if (invocation.Has("count") && (!absl::SimpleAtoi(invocation.Get("count"), &count) || count < 1)) {
    return UsageError(absl::StrCat("--count wants a number from 1, not \"", invocation.Get("count"), "\""));
  }
  return count;
}

absl::Status CheckWatchFlags(const Invocation& invocation) {
  if (invocation.Has("snapshot") && invocation.Has("after")) {
    return UsageError("--snapshot begins with what is, --after with what has changed since: give one of the two");
  }
  if (invocation.Has("snapshot") && invocation.Has("events")) {
    return UsageError("--snapshot is of readings, and --events watches events: trustctl history shows those there are");
  }
  return absl::OkStatus();
}

absl::Status RunWatch(const Invocation& invocation, Session& session) {
  if (absl::Status flags = CheckWatchFlags(invocation); !flags.ok()) return flags;
  const absl::StatusOr<int64_t> count = CountOf(invocation);
  if (!count.ok()) return count.status();
  const Console& console = session.console;
  Interruption interruption([&session] { session.connection.StopWatching(); });
  Watch watch(invocation, session, *count);
  absl::Duration pause = kFirstPause;
  while (!interruption.came()) {
    const absl::Status status = watch.Call();
    if (interruption.came() || watch.enough()) break;
    // A stream that ended in order, or was cancelled though nobody here did, is of a server that stops.
    const bool may_return = status.ok() || absl::IsUnavailable(status) || RetryDelayOf(status).has_value() ||
                            (watch.heard() && absl::IsCancelled(status));
    if (!may_return || (!watch.heard() && ExitCodeOf(status) == ExitCode::kUnreachable)) return status;
    if (watch.TakeProgress()) pause = kFirstPause;
    pause = std::max(pause, RetryDelayOf(status).value_or(pause));
    const std::string why = status.ok() || absl::IsCancelled(status) ? "the server ended the watch" : Describe(status);
    console.err << "trustctl: " << why.substr(0, why.find('\n')) << "; trying again in " << absl::FormatDuration(pause)
                << "\n"
                << std::flush;
    if (interruption.WaitFor(pause)) break;
    pause = std::min(2 * pause, kLongestPause);
  }
  if (!watch.place().empty()) console.err << "trustctl: to go on from here: --after " << watch.place() << "\n";
  return absl::OkStatus();
}

}  // namespace

Verb WatchVerb() {
  Verb verb;
  verb.syntax.name = "watch";
  verb.syntax.arguments = "[PARTNERSHIP...]";
  verb.syntax.arguments_max = -1;
  verb.syntax.summary = "changes of trust as they happen; or events, as they are recorded";
  verb.syntax.description =
      "Shows each change of a stage or a condition when it happens, of these partnerships or of all: by an event, by "
      "silence, by another policy; and where an event changed what could be read about earlier days. With --events it "
      "shows each event when it is recorded instead.\n\n"
      "Runs until Ctrl-C, which is exit code 0, or until --count is reached; then it says by which --after it can be "
      "gone on with, so that nothing is missed and nothing comes twice. When the server goes away it says so, and goes "
      "on when the server is back.\n\n"
      "With --json one WatchTrustResponse or WatchEventsResponse is printed for each message, those too that only say "
      "that the watch is up to date.";
  verb.syntax.flags = {{"events", "", "watch events instead of readings"},
                       {"snapshot", "", "begin with the present reading of each direction"},
                       {"after", "PLACE", "go on behind this place of an earlier watch of the same partnerships"},
                       {"count", "N", "end after so many changes, readings or events"}};
  verb.syntax.examples = {"trustctl watch", "trustctl watch klm-northwest --snapshot",
                          "trustctl watch --events --json >> events.jsonl"};
  verb.run = RunWatch;
  return verb;
}

}  // namespace trustctl
