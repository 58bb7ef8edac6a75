#include "services/trustctl/evidence_verbs.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/trustctl/command_flags.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/record_request.h"
#include "services/trustctl/recorded_answer.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

constexpr char kWhole[] = "whole";
constexpr int kCorrectionsPageSize = 1000;
// So often a correction begins anew when something else was recorded meanwhile.
constexpr int kCorrectionTries = 5;

// The number in 17 and partnerships/x/events/17; 0 for what is neither.
int64_t EventNumber(const std::string& text) {
  int64_t number = 0;
  return absl::SimpleAtoi(text, &number) && number > 0 ? number : RevisionOf(text);
}

absl::StatusOr<trust::v1::Event> ReadEvent(Connection& connection, const std::string& partnership, int64_t revision) {
  trust::v1::ListEventsRequest list;
  list.set_partnership(partnership);
  list.set_after_revision(revision - 1);
  list.set_page_size(1);
  const auto page = connection.ListEvents(list);
  if (!page.ok()) return page.status();
  if (page->events().empty()) {
    return absl::NotFoundError(absl::StrCat(partnership, " has no event ", revision, "; trustctl history ", partnership,
                                            " shows those there are"));
  }
  if (!page->events(0).has_evidence()) {
    return absl::FailedPreconditionError(absl::StrCat("event ", revision, " of ", partnership, " is no evidence (",
                                                      KindInWords(page->events(0)),
                                                      "), and evidence alone can be corrected"));
  }
  return page->events(0);
}

// Sets the request to what the event says by now: as it was recorded, or as it was corrected last.
absl::Status ReadStanding(Connection& connection, trust::v1::CorrectEvidenceRequest* request) {
  const int64_t revision = EventNumber(request->event());
  // First of all, so that whatever is recorded from here on is noticed.
  trust::v1::GetPartnershipRequest get;
  get.set_partnership(request->partnership());
  const auto partnership = connection.GetPartnership(get);
  if (!partnership.ok()) return partnership.status();
  request->set_expected_revision(partnership->partnership().revision());
  absl::StatusOr<trust::v1::Event> event = ReadEvent(connection, request->partnership(), revision);
  if (!event.ok()) return event.status();
  *request->mutable_replacement() = std::move(*event->mutable_evidence());
  trust::v1::ListEventsRequest list;
  list.set_partnership(request->partnership());
  list.set_after_revision(revision);
  list.add_kinds("evidence_corrected");
  list.set_page_size(kCorrectionsPageSize);
  do {
    auto page = connection.ListEvents(list);
    if (!page.ok()) return page.status();
    for (trust::v1::Event& later : *page->mutable_events()) {
      trust::v1::EvidenceCorrected& correction = *later.mutable_evidence_corrected();
      if (RevisionOf(correction.event()) != revision) continue;
      *request->mutable_replacement() = std::move(*correction.mutable_replacement());
      request->clear_occur_time();
      request->clear_observe_time();
      if (correction.has_occur_time()) *request->mutable_occur_time() = correction.occur_time();
      if (correction.has_observe_time()) *request->mutable_observe_time() = correction.observe_time();
      request->set_occur_time_precision(correction.occur_time_precision());
    }
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
  request->mutable_replacement()->clear_source();  // It follows from the recorder.
  return absl::OkStatus();
}

// What the command line says by itself: of the evidence the whole, or what it changes.
absl::Status SetCorrection(const Invocation& invocation, trust::v1::CorrectEvidenceRequest* request) {
  const std::vector<std::string> words(invocation.arguments.begin() + 2, invocation.arguments.end());
  absl::Status set = SetEvidence(invocation, words, request->mutable_replacement());
  if (set.ok()) set = SetOccurTime(invocation, request);
  if (set.ok()) set = SetObserveTime(invocation, request);
  if (set.ok()) set = SetNote(invocation, request);
  if (set.ok()) set = SetCommand(invocation, request);
  return set;
}

bool ChangesSomething(const Invocation& invocation) {
  if (invocation.arguments.size() > 2) return true;
  for (const Flag& flag : EvidenceFlags()) {
    if (invocation.Has(flag.name)) return true;
  }
  return false;
}

absl::StatusOr<trust::v1::CorrectEvidenceRequest> CorrectRequestOf(const Invocation& invocation,
                                                                   Connection& connection) {
  trust::v1::CorrectEvidenceRequest request;
  request.set_partnership(invocation.arguments[0]);
  request.set_event(invocation.arguments[1]);
  request.set_recorder(invocation.Get("recorder"));
  if (!invocation.Has(kWhole)) {
    if (absl::Status read = ReadStanding(connection, &request); !read.ok()) return read;
  }
  if (absl::Status set = SetCorrection(invocation, &request); !set.ok()) return set;
  return request;
}

// What is wrong with the command line whatever is recorded.
absl::Status CheckCorrection(const Invocation& invocation) {
  if (EventNumber(invocation.arguments[1]) == 0) {
    return UsageError(absl::StrCat("correct wants the number of an event, such as 17, not \"", invocation.arguments[1],
                                   "\"; trustctl history PARTNERSHIP shows them"));
  }
  if (!ChangesSomething(invocation)) {
    return UsageError(
        "correct wants what is right: a kind, FIELD=VALUE or a flag such as --actor; to take the record back: "
        "trustctl retract");
  }
  const bool kind = invocation.arguments.size() > 2 && !absl::StrContains(invocation.arguments[2], '=');
  if (invocation.Has(kWhole) && (!kind || !invocation.Has("actor") || !invocation.Has("affected"))) {
    return UsageError("--whole wants all of the evidence: a kind, --actor and --affected");
  }
  trust::v1::CorrectEvidenceRequest tried;
  if (!kind && invocation.arguments.size() > 2) {
    // Of which kind the fields are is not known before the event is read.
    Invocation flags = invocation;
    flags.arguments.resize(2);
    return SetCorrection(flags, &tried);
  }
  return SetCorrection(invocation, &tried);
}

absl::Status RunCorrect(const Invocation& invocation, Session& session) {
  if (absl::Status wrong = CheckCorrection(invocation); !wrong.ok()) return wrong;
  absl::Status status;
  for (int i = 0; i < kCorrectionTries; ++i) {
    const auto request = CorrectRequestOf(invocation, session.connection);
    if (!request.ok()) return request.status();
    const auto answer = session.connection.CorrectEvidence(*request);
    status = answer.status();
    if (answer.ok()) {
      PrintSaid(*answer, *request, session);
      return absl::OkStatus();
    }
    // What was corrected is no longer what was read, unless the caller said itself what it has seen.
    if (!absl::IsAborted(status) || invocation.Has("expected-revision") || invocation.Has(kWhole)) return status;
  }
  return status;
}

// Any of the commands that name an event and who speaks of it.
template <typename Request, typename Call>
absl::Status SayOfEvent(const Invocation& invocation, Session& session, Call call) {
  Request request;
  request.set_partnership(invocation.arguments[0]);
  request.set_event(invocation.arguments[1]);
  request.set_recorder(invocation.Get("recorder"));
  absl::Status set = SetCommand(invocation, &request);
  if (set.ok()) set = SetNote(invocation, &request);
  if constexpr (requires { request.mutable_occur_time(); }) {
    if (set.ok()) set = SetOccurTime(invocation, &request);
  }
  if (!set.ok()) return set;
  const auto answer = call(request);
  if (!answer.ok()) return answer.status();
  PrintSaid(*answer, request, session);
  return absl::OkStatus();
}

absl::Status RunRetract(const Invocation& invocation, Session& session) {
  return SayOfEvent<trust::v1::RetractEvidenceRequest>(
      invocation, session, [&](const auto& request) { return session.connection.RetractEvidence(request); });
}

absl::Status RunConfirm(const Invocation& invocation, Session& session) {
  return SayOfEvent<trust::v1::ConfirmEvidenceRequest>(
      invocation, session, [&](const auto& request) { return session.connection.ConfirmEvidence(request); });
}

absl::Status RunContest(const Invocation& invocation, Session& session) {
  return SayOfEvent<trust::v1::ContestEvidenceRequest>(
      invocation, session, [&](const auto& request) { return session.connection.ContestEvidence(request); });
}

Verb VerbOfEvent(const char* name, const char* summary) {
  Verb verb;
  verb.syntax.name = name;
  verb.syntax.arguments = "PARTNERSHIP EVENT";
  verb.syntax.arguments_min = 2;
  verb.syntax.arguments_max = 2;
  verb.syntax.summary = summary;
  verb.syntax.flags = {RecorderFlag(), NoteFlag(), RequestIdFlag(), ExpectedRevisionFlag(), DryRunFlag()};
  return verb;
}

Flag SaidOnFlag() { return {"on", "DATE", "when it was said; default now"}; }

}  // namespace

Verb CorrectVerb() {
  Verb verb = VerbOfEvent("correct", "record what is right where a record is wrong");
  verb.syntax.arguments = "PARTNERSHIP EVENT [KIND] [FIELD=VALUE...]";
  verb.syntax.arguments_max = -1;
  verb.syntax.description =
      "Corrects the evidence with the number EVENT, as trustctl history shows it. What is written is what was wrong; "
      "the rest stays as it is recorded, or as it was corrected last. Another KIND begins without any of its fields. "
      "The record stays in the log: what was reported before stays explainable. Its recorder corrects it, or a third "
      "party; "
      "another partner contests it. A record that was retracted comes back by this.\n\n"
      "The rest is read from the history, for which one has to be a reader; with --whole nothing is read, and all of "
      "the evidence has to be written, as for trustctl record. When something else is recorded meanwhile, the "
      "correction begins anew.\n\n"
      "With --json one CorrectEvidenceResponse is printed.";
  std::vector<Flag> evidence = EvidenceFlags();
  for (Flag& flag : evidence) {
    // What is left out is not the default but what is recorded.
    if (flag.name == "on") flag.meaning = "when it happened, where the recorded time is wrong";
    if (flag.name == "learned")
      flag.meaning = "the day or instant at which those affected learned of it, where that is wrong";
    if (flag.name == "level") flag.meaning = "interorganisational or interpersonal";
    if (flag.name == "materiality") flag.meaning = "how much it mattered: low, medium, high or critical";
  }
  verb.syntax.flags.insert(verb.syntax.flags.begin() + 1, evidence.begin(), evidence.end());
  verb.syntax.flags.push_back(
      {kWhole, "", "what is written is all of the evidence; times stay as recorded without it"});
  verb.syntax.examples = {"trustctl correct klm-northwest 17 result=late --recorder klm",
                          "trustctl correct klm-northwest 17 --on 1993-01-22 --materiality high --recorder klm"};
  verb.run = RunCorrect;
  return verb;
}

Verb RetractVerb() {
  Verb verb = VerbOfEvent("retract", "take a record back");
  verb.syntax.description =
      "Declares the evidence with the number EVENT void. It stays in the log, and what was reported before stays "
      "explainable. Its recorder retracts it, or a third party; another partner contests it. trustctl correct "
      "brings it back.\n\n"
      "With --json one RetractEvidenceResponse is printed.";
  verb.syntax.examples = {"trustctl retract klm-northwest 17 --recorder klm"};
  verb.run = RunRetract;
  return verb;
}

Verb ConfirmVerb() {
  Verb verb = VerbOfEvent("confirm", "stand behind what another recorded");
  verb.syntax.description =
      "Records that a second organization, --recorder, stands behind the evidence with the number EVENT. What the "
      "actor recorded of itself weighs as a joint record from then on.\n\n"
      "With --json one ConfirmEvidenceResponse is printed.";
  verb.syntax.flags.insert(verb.syntax.flags.begin() + 1, SaidOnFlag());
  verb.syntax.examples = {"trustctl confirm klm-northwest 17 --recorder northwest"};
  verb.run = RunConfirm;
  return verb;
}

Verb ContestVerb() {
  Verb verb = VerbOfEvent("contest", "disagree with what is recorded");
  verb.syntax.description =
      "Records that an organization, --recorder, disagrees with the evidence with the number EVENT. It is shown, and "
      "changes no reading.\n\n"
      "With --json one ContestEvidenceResponse is printed.";
  verb.syntax.flags.insert(verb.syntax.flags.begin() + 1, SaidOnFlag());
  verb.syntax.examples = {"trustctl contest klm-northwest 17 --recorder northwest"};
  verb.run = RunContest;
  return verb;
}

}  // namespace trustctl
