#include "services/trustctl/remedy.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "trust/v1/errors.pb.h"

namespace trustctl {
namespace {

// What gRPC, the resolver and the system say where nothing listens; where TLS cannot begin for what we have; where the
// other side is not who we want; where it does not speak TLS; and where it breaks off.
constexpr absl::string_view kNobodyThere[] = {
    "connection refused",    "name resolution failed", "dns resolution failed",
    "domain name not found", "name not found",         "no such file or directory",
    "no route to host",      "network is unreachable", "host is unreachable"};
constexpr absl::string_view kUnfitCredentials[] = {"empty address list", "invalid private key", "invalid cert"};
constexpr absl::string_view kDoubtfulServer[] = {"certificate verify failed", "verification failed", "peer name"};
constexpr absl::string_view kNoTls[] = {"wrong version number", "packet length too long"};
constexpr absl::string_view kBrokenOff[] = {"handshake",        "ssl",        "tls", "alert", "socket closed",
                                            "connection reset", "broken pipe"};

bool SaysAnyOf(absl::string_view text, absl::Span<const absl::string_view> words) {
  const std::string lower = absl::AsciiStrToLower(text);
  return std::any_of(words.begin(), words.end(),
                     [&](absl::string_view word) { return absl::StrContains(lower, word); });
}

}  // namespace

std::string RemedyForCode(absl::StatusCode code) {
  if (code == absl::StatusCode::kPermissionDenied) return RemedyFor("PERMISSION_DENIED");
  if (code == absl::StatusCode::kUnauthenticated) return RemedyFor("UNAUTHENTICATED");
  return "";
}

std::string RemedyForSilence(absl::string_view cause) {
  constexpr absl::string_view kElsewhere =
      "Is trustd running there? --server HOST:PORT or TRUSTCTL_SERVER names another.";
  if (SaysAnyOf(cause, kNobodyThere)) return std::string(kElsewhere);
  if (SaysAnyOf(cause, kUnfitCredentials)) {
    return "No TLS can be spoken with what was given: --key must be that of --cert, and --ca, --cert and --key PEM.";
  }
  if (SaysAnyOf(cause, kDoubtfulServer)) {
    return "The certificate that it shows is of no authority in --ca, of another name than --server's, or expired.";
  }
  if (SaysAnyOf(cause, kNoTls)) return "It does not seem to speak TLS; without --ca trustctl does not, either.";
  if (SaysAnyOf(cause, kBrokenOff)) {
    return "Something listens there, but broke the connection off. It may speak TLS (--ca), want a certificate "
           "(--cert, "
           "--key), or refuse the one it is shown: expired, or of an authority that it does not know. A server that is "
           "ending does so, too: trustctl wait waits for the next one.";
  }
  return absl::StrCat(
      kElsewhere, " It may also speak TLS (--ca), want a certificate (--cert, --key), or refuse the one it is shown.");
}

std::string RemedyFor(absl::string_view reason) {
  trust::v1::ErrorReason known = trust::v1::ERROR_REASON_UNSPECIFIED;
  if (!trust::v1::ErrorReason_Parse(absl::StrCat("ERROR_REASON_", reason), &known)) return "";
  switch (known) {
    case trust::v1::ERROR_REASON_INVALID_PAGE_TOKEN:
      return "Begin the list again, without a page token.";
    case trust::v1::ERROR_REASON_INVALID_POSITION:
      return "Take a position from an answer of this very server; one of another log means nothing here.";
    case trust::v1::ERROR_REASON_BATCH_TOO_LARGE:
      return "Split the batch (trustctl batch), or let trustctl import send it.";
    case trust::v1::ERROR_REASON_PARTNERSHIP_NOT_FOUND:
      return "trustctl partnerships lists those there are.";
    case trust::v1::ERROR_REASON_EVENT_NOT_FOUND:
      return "trustctl history PARTNERSHIP shows the events with their numbers.";
    case trust::v1::ERROR_REASON_PARTNER_NOT_FOUND:
      return "trustctl show PARTNERSHIP shows who the partners are.";
    case trust::v1::ERROR_REASON_PARTNERSHIP_EXISTS:
      return "trustctl show PARTNERSHIP shows the one that is there.";
    case trust::v1::ERROR_REASON_REVISION_CONFLICT:
      return "Somebody else has recorded something: look at it (trustctl history PARTNERSHIP), decide again, and "
             "repeat with the new --expected-revision.";
    case trust::v1::ERROR_REASON_REQUEST_ID_REUSED:
      return "A --request-id belongs to one command for ever: repeat that very command, or take a fresh UUID.";
    case trust::v1::ERROR_REASON_OUTCOME_UNKNOWN:
      return "Repeat the same command with the same --request-id: its answer tells whether it was stored.";
    case trust::v1::ERROR_REASON_NOT_READY:
      return "trustctl wait waits until it is.";
    case trust::v1::ERROR_REASON_SHUTTING_DOWN:
      return "trustctl wait waits for the next one.";
    case trust::v1::ERROR_REASON_STORAGE_FULL:
      return "The operator has to make room on the server's disk: trustctl status tells how much is free and how much "
             "must be. Reading goes on.";
    case trust::v1::ERROR_REASON_LOG_DAMAGED:
      return "Tell the operator; trustctl verify tells what is wrong, and a backup can be restored (trustctl restore).";
    case trust::v1::ERROR_REASON_INTERNAL:
      return "It is a fault of the server: tell the operator the time of the call; the server's log says more.";
    case trust::v1::ERROR_REASON_DEADLINE_PASSED:
      return "Nothing was stored; give it more time with --deadline.";
    case trust::v1::ERROR_REASON_COMMITMENT_RESOLVED:
      return "To change the outcome, correct the event that has it (trustctl correct PARTNERSHIP EVENT).";
    case trust::v1::ERROR_REASON_COMMITMENT_OF_ANOTHER:
      return "Name who made the commitment with --actor.";
    case trust::v1::ERROR_REASON_COMMITMENT_NOT_DUE:
      return "It can be recorded as missed from the day after it was due.";
    case trust::v1::ERROR_REASON_COMMITMENT_PAST_DUE:
      return "Record how it came out: commitment-fulfilled or commitment-missed.";
    case trust::v1::ERROR_REASON_WRONG_EVENT_KIND:
      return "trustctl history PARTNERSHIP shows which number is of the kind that is meant.";
    case trust::v1::ERROR_REASON_PARTNERSHIP_ENDED:
      return "An end cannot be undone; evidence and milestones of before it are still taken, with their day by --on.";
    case trust::v1::ERROR_REASON_WRONG_LIFE_CYCLE_STATE:
      return "trustctl show PARTNERSHIP shows which state it is in.";
    case trust::v1::ERROR_REASON_VERIFICATION_NOT_INDEPENDENT:
      return "Let one of those affected, or a third party, record it: --recorder ID.";
    case trust::v1::ERROR_REASON_FINDING_NOT_INDEPENDENT:
      return "Let a third party record it (--recorder ID), or both sides as a joint act (--actor '*').";
    case trust::v1::ERROR_REASON_CONFLICT_RESOLVED:
      return "Record a new conflict.";
    case trust::v1::ERROR_REASON_RECORDER_NOT_ENTITLED:
      return "Where another may record it, --recorder ID says who does.";
    case trust::v1::ERROR_REASON_PARTNERSHIP_LIVE:
      return "Record the rest event by event (trustctl record), each with --on, when it happened.";
    case trust::v1::ERROR_REASON_IMPORT_OUT_OF_ORDER:
      return "Sort the lines of the file by original_record_time.";
    case trust::v1::ERROR_REASON_EXTERNAL_ID_REUSED:
      return "Give the changed item an external_id of its own, or correct the event that is there.";
    case trust::v1::ERROR_REASON_PARTNER_EXISTS:
      return "Nothing is to be done.";
    case trust::v1::ERROR_REASON_TOO_MANY_PARTNERS:
      return "Record first which partner left (trustctl partner remove).";
    case trust::v1::ERROR_REASON_TOO_FEW_PARTNERS:
      return "Terminate the partnership instead (trustctl terminate).";
    case trust::v1::ERROR_REASON_TIE_DECLARED:
      return "Nothing is to be done.";
    case trust::v1::ERROR_REASON_CONTACT_ASSIGNED:
      return "Nothing is to be done.";
    case trust::v1::ERROR_REASON_CONTACT_NOT_FOUND:
      return "Assign the person first (trustctl contact assign), or correct the id.";
    case trust::v1::ERROR_REASON_POLICY_NOT_FOUND:
      return "trustctl policy list shows those there are.";
    case trust::v1::ERROR_REASON_POLICY_EXISTS:
      return "Give the changed document a version of its own.";
    case trust::v1::ERROR_REASON_INVALID_POLICY:
      return "projections/PARAMETERS.md explains each rule; --dry-run checks a document without publishing it.";
    case trust::v1::ERROR_REASON_ALGORITHM_UNKNOWN:
      return "Install a newer trustd, or set the algorithm that this one has.";
    case trust::v1::ERROR_REASON_POLICY_IN_FORCE:
      return "Nothing is to be done.";
    case trust::v1::ERROR_REASON_ASSESSMENT_NOT_FOUND:
      return "trustctl assess list PARTNERSHIP shows those there are.";
    case trust::v1::ERROR_REASON_ASSESSMENT_EXISTS:
      return "trustctl assess list PARTNERSHIP shows those there are.";
    case trust::v1::ERROR_REASON_INVALID_RESUME_TOKEN:
      return "Begin again without --after; a place is good for the partnerships that it was told for, on this server.";
    case trust::v1::ERROR_REASON_TOO_MANY_POLICIES:
      return "Put in force one that is there: trustctl policy list.";
    case trust::v1::ERROR_REASON_SIGNING_KEY_MISSING:
      return "The operator makes a key with trustctl keygen, and starts trustd with --signing_key_file.";
    case trust::v1::ERROR_REASON_SIZE_BEYOND_LOG:
      return "Ask for a smaller size, or later, when the log has grown.";
    case trust::v1::ERROR_REASON_RECORD_NOT_COVERED:
      return "Ask for a larger tree size, or leave it out.";
    case trust::v1::ERROR_REASON_CHECKPOINT_NOT_MADE:
      return "Tell the operator: the watermark's directory cannot be written.";
    case trust::v1::ERROR_REASON_CONTACT_ERASED:
      return "Leave the note or the profile out: about this person nothing is kept any more.";
    case trust::v1::ERROR_REASON_LEGAL_HOLD:
      return "Release the hold first, if that is right: trustctl hold release CONTACT.";
    case trust::v1::ERROR_REASON_LEGAL_HOLD_PLACED:
      return "Nothing is to be done.";
    case trust::v1::ERROR_REASON_NO_LEGAL_HOLD:
      return "Nothing is to be done.";
    case trust::v1::ERROR_REASON_CONTACT_UNKNOWN:
      return "Correct the id: nothing personal was ever kept about this one.";
    case trust::v1::ERROR_REASON_ERASURE_UNFINISHED:
      return "It is recorded; repeat it, so that the key is destroyed at once.";
    case trust::v1::ERROR_REASON_KEYS_UNAVAILABLE:
      return "Tell the operator: the key store of trustd cannot be read or written.";
    case trust::v1::ERROR_REASON_READER_MISSING:
      return "Say who reads, and what for: --reader ID --purpose TEXT, or TRUSTCTL_READER and TRUSTCTL_PURPOSE.";
    case trust::v1::ERROR_REASON_PERMISSION_DENIED:
      return "Ask the operator for what the message names; deploy/README.md says how it is granted.";
    case trust::v1::ERROR_REASON_UNAUTHENTICATED:
      return "Show a certificate (--cert, --key) or a token (--token) that is valid now.";
    case trust::v1::ERROR_REASON_BACKUP_NOT_CONFIGURED:
      return "The operator starts trustd with that flag.";
    case trust::v1::ERROR_REASON_BACKUP_STORAGE_FULL:
      return "The operator has to make room in that directory.";
    case trust::v1::ERROR_REASON_BACKUP_FAILED:
      return "The server's log names the cause; the earlier backups are as they were.";
    case trust::v1::ERROR_REASON_BACKUP_DAMAGED:
      return "The server's log names the file; trustctl verify tells whether the log itself is sound.";
    case trust::v1::ERROR_REASON_UNSPECIFIED:
    case trust::v1::ERROR_REASON_INVALID_FIELD:
    case trust::v1::ERROR_REASON_OVERLOADED:
    case trust::v1::ERROR_REASON_INDEX_NOT_READY:
    case trust::v1::ERROR_REASON_ACCESS_NOT_RECORDED:
    case trust::v1::ERROR_REASON_BACKUP_RUNNING:
    case trust::v1::ErrorReason_INT_MIN_SENTINEL_DO_NOT_USE_:
    case trust::v1::ErrorReason_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return "";
}

}  // namespace trustctl
