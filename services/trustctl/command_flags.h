// The flags that verbs of commands share, and what they say of a request. Pure.

#ifndef SERVICES_TRUSTCTL_COMMAND_FLAGS_H_
#define SERVICES_TRUSTCTL_COMMAND_FLAGS_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "services/trustctl/command_line.h"
#include "services/trustctl/date.h"
#include "services/trustctl/failure.h"
#include "trust/v1/events.pb.h"

namespace trustctl {

// These two must be given.
Flag RecorderFlag();
Flag ApproverFlag();

// When it happened; to be Required where the request has it so.
Flag OnFlag();

Flag RequestIdFlag();
Flag ExpectedRevisionFlag();
Flag DryRunFlag();

// Of what cannot be undone: Confirm is not asked then.
Flag YesFlag();

Flag NoteFlag();

// Reads a day or an instant. Errors: a UsageError.
absl::StatusOr<google::protobuf::Timestamp> ParseLearned(const std::string& text);

// Sets what --request-id, --expected-revision (where the request has one) and --dry-run say. Errors: a UsageError.
template <typename Request>
absl::Status SetCommand(const Invocation& invocation, Request* request) {
  request->set_request_id(invocation.Get("request-id"));
  request->set_validate_only(invocation.Has("dry-run"));
  if constexpr (requires { request->set_expected_revision(0); }) {
    if (invocation.Has("expected-revision")) {
      int64_t revision = 0;
      if (!absl::SimpleAtoi(invocation.Get("expected-revision"), &revision) || revision < 0) {
        return UsageError("--expected-revision wants a number of events, 0 and on");
      }
      request->set_expected_revision(revision);
    }
  }
  return absl::OkStatus();
}

// Sets when it happened, by --on, as exactly as that is known. Errors: a UsageError.
template <typename Request>
absl::Status SetOccurTime(const Invocation& invocation, Request* request) {
  if (!invocation.Has("on")) return absl::OkStatus();
  const absl::StatusOr<DatedTime> date = ParseDate(invocation.Get("on"));
  if (!date.ok()) return date.status();
  *request->mutable_occur_time() = date->time;
  request->set_occur_time_precision(date->precision);
  return absl::OkStatus();
}

// Sets when those affected learned of it, by --learned. Errors: a UsageError.
template <typename Request>
absl::Status SetObserveTime(const Invocation& invocation, Request* request) {
  if (!invocation.Has("learned")) return absl::OkStatus();
  const absl::StatusOr<google::protobuf::Timestamp> time = ParseLearned(invocation.Get("learned"));
  if (!time.ok()) return time.status();
  *request->mutable_observe_time() = *time;
  return absl::OkStatus();
}

// Reads CONTACT=TEXT. Errors: a UsageError.
absl::StatusOr<trust::v1::Note> ParseNote(const std::string& text);

// Sets what --note says. Errors: a UsageError.
template <typename Request>
absl::Status SetNote(const Invocation& invocation, Request* request) {
  if (!invocation.Has("note")) return absl::OkStatus();
  absl::StatusOr<trust::v1::Note> note = ParseNote(invocation.Get("note"));
  if (!note.ok()) return note.status();
  *request->mutable_note() = *std::move(note);
  return absl::OkStatus();
}

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_COMMAND_FLAGS_H_
