#include "services/trustctl/access_verb.h"
#include "services/trustctl/assess_verbs.h"
#include "services/trustctl/attention_verb.h"
#include "services/trustctl/audit_verbs.h"
#include "services/trustctl/backup_verb.h"
#include "services/trustctl/call_verb.h"
#include "services/trustctl/checkpoint_verb.h"
#include "services/trustctl/completion_verbs.h"
#include "services/trustctl/contact_verbs.h"
#include "services/trustctl/evidence_verbs.h"
#include "services/trustctl/explain_verb.h"
#include "services/trustctl/history_verb.h"
#include "services/trustctl/import_verb.h"
#include "services/trustctl/keygen_verb.h"
#include "services/trustctl/life_cycle_verbs.h"
#include "services/trustctl/man_verb.h"
#include "services/trustctl/partner_verbs.h"
#include "services/trustctl/partnerships_verb.h"
#include "services/trustctl/policy_verbs.h"
#include "services/trustctl/position_verb.h"
#include "services/trustctl/proof_verbs.h"
#include "services/trustctl/record_verb.h"
#include "services/trustctl/replay_verb.h"
#include "services/trustctl/report_verb.h"
#include "services/trustctl/restore_verb.h"
#include "services/trustctl/show_verb.h"
#include "services/trustctl/simulate_verb.h"
#include "services/trustctl/stage_verb.h"
#include "services/trustctl/status_verb.h"
#include "services/trustctl/timeline_verb.h"
#include "services/trustctl/verb.h"
#include "services/trustctl/verify_verb.h"
#include "services/trustctl/wait_verb.h"
#include "services/trustctl/watch_verb.h"

namespace trustctl {

namespace {

// A part of the help, and what it lists.
struct VerbGroup {
  const char* heading;
  std::vector<Verb (*)()> makers;
};

// In the order of the help.
std::vector<VerbGroup> Groups() {
  return {
      {"Look at partnerships",
       {PartnershipsVerb, ShowVerb, StageVerb, TimelineVerb, ExplainVerb, HistoryVerb, ReplayVerb, WatchVerb,
        AttentionVerb, ReportVerb}},
      {"Record",
       {CreateVerb, RecordVerb, BatchVerb, ImportVerb, MilestoneVerb, SuspendVerb, ResumeVerb, TerminateVerb}},
      {"Set records right", {CorrectVerb, RetractVerb, ConfirmVerb, ContestVerb}},
      {"Partners and persons",
       {PartnerAddVerb, PartnerRemoveVerb, TieDeclareVerb, ContactAssignVerb, ContactReleaseVerb, ContactShowVerb,
        EraseVerb, HoldPlaceVerb, HoldReleaseVerb}},
      {"Policies",
       {PolicyListVerb, PolicyShowVerb, PolicyPublishVerb, PolicyActivateVerb, PolicyPinVerb, PolicyUnpinVerb,
        SimulateVerb}},
      {"Readings on record", {AssessIssueVerb, AssessVerifyVerb, AssessListVerb, AssessRestatementsVerb}},
      {"Audit",
       {CheckpointVerb, VerifyVerb, ProofInclusionVerb, ProofConsistencyVerb, AuditExportVerb, AuditCheckVerb,
        AccessVerb, PositionVerb}},
      {"Run a server", {WaitVerb, StatusVerb, KeygenVerb, BackupVerb, RestoreVerb}},
      {"Everything else", {CallVerb, CompletionVerb, CompletionWordsVerb, ManVerb}},
  };
}

}  // namespace

const std::vector<Verb>& AllVerbs() {
  static const auto* const kVerbs = [] {
    auto* const verbs = new std::vector<Verb>;
    for (const VerbGroup& group : Groups()) {
      for (Verb (*const make)() : group.makers) {
        verbs->push_back(make());
        verbs->back().syntax.group = group.heading;
      }
    }
    return verbs;
  }();
  return *kVerbs;
}

std::vector<VerbSyntax> AllVerbSyntax() {
  std::vector<VerbSyntax> result;
  for (const Verb& verb : AllVerbs()) result.push_back(verb.syntax);
  return result;
}

}  // namespace trustctl
