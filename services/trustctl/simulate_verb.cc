#include "services/trustctl/simulate_verb.h"

#include <sys/stat.h>

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/trustctl/date.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/policy_file.h"
#include "services/trustctl/progress_bar.h"
#include "services/trustctl/simulation_table.h"

namespace trustctl {
namespace {

// What is written is a file when there is one, or when it looks like one.
bool IsFile(const std::string& written) {
  struct stat found {};
  return written == "-" || absl::EndsWith(written, ".json") || stat(written.c_str(), &found) == 0;
}

absl::StatusOr<trust::v1::SimulatePolicyRequest> SimulationRequestOf(const Invocation& invocation) {
  trust::v1::SimulatePolicyRequest request;
  request.set_partnership(invocation.Get("partnership"));
  if (invocation.Has("as-of")) {
    const auto time = ParseLastInstant(invocation.Get("as-of"));
    if (!time.ok()) return time.status();
    *request.mutable_as_of_time() = *time;
  }
  if (invocation.Has("known")) {
    const auto time = ParseLastInstant(invocation.Get("known"));
    if (!time.ok()) return time.status();
    *request.mutable_known_time() = *time;
  }
  if (invocation.Has("hindsight")) request.set_view(trust::v1::VIEW_HINDSIGHT);
  const std::string& written = invocation.arguments[0];
  if (!IsFile(written)) {
    request.set_policy(written);
    return request;
  }
  absl::StatusOr<trust::v1::PolicyDocument> document = ReadPolicyFile(written);
  if (!document.ok()) return document.status();
  *request.mutable_document() = *std::move(document);
  return request;
}

absl::Status RunSimulate(const Invocation& invocation, Session& session) {
  const Console& console = session.console;
  const absl::StatusOr<trust::v1::SimulatePolicyRequest> request = SimulationRequestOf(invocation);
  if (!request.ok()) return request.status();
  SimulationTable table;
  trust::v1::SimulationEnd end;
  bool ended = false;
  std::unique_ptr<ProgressBar> bar;
  const absl::Status status =
      session.connection.SimulatePolicy(*request, [&](const trust::v1::SimulatePolicyResponse& response) {
        if (console.json) {
          if (bar != nullptr) bar->Clear();
          PrintJson(response, console.out);
        }
        if (response.has_progress()) {
          if (bar == nullptr) {
            bar = std::make_unique<ProgressBar>(console, "simulating", response.progress().partnership_total());
          }
          bar->Update(response.progress().partnership_count());
        } else if (response.has_difference() && !console.json) {
          table.Add(response.difference());
        } else if (response.has_end()) {
          end = response.end();
          ended = true;
        }
        return true;
      });
  bar.reset();
  if (!status.ok()) return status;
  if (!ended)
    return absl::DataLossError("the simulation was cut: the server did not say that it is complete; repeat it");
  if (console.json) return absl::OkStatus();
  table.Print(console);
  console.out << (end.difference_count() > 0 ? "\n" : "") << SimulationInWords(end) << "\n";
  return absl::OkStatus();
}

}  // namespace

Verb SimulateVerb() {
  Verb verb;
  verb.syntax.name = "simulate";
  verb.syntax.arguments = "FILE|POLICY";
  verb.syntax.arguments_min = 1;
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "what another policy would change";
  verb.syntax.description =
      "Reads every history, or that of one partnership, under another policy and shows whose stage of trust would be "
      "another: the draft of a document in FILE (- is the standard input), which need not be published, or a published "
      "policy by its version or SHA-256. Nothing is recorded.\n\n"
      "A direction whose stage today is the same, and was reached in another way, is listed too. With --json one "
      "SimulatePolicyResponse is printed for each message, the end included, with both paths of each direction.";
  verb.syntax.flags = {
      {"partnership", "PARTNERSHIP", "this partnership alone; default all"},
      {"as-of", "DATE", "the day up to which; default today"},
      {"known", "DATE", "use only what was recorded by then; default everything"},
      {"hindsight", "", "let evidence count from the day it happened, not from the day it was learned of"}};
  verb.syntax.examples = {"trustctl simulate draft.json", "trustctl simulate trust-stages/1.1.0 --as-of 2025-12"};
  verb.run = RunSimulate;
  return verb;
}

}  // namespace trustctl
