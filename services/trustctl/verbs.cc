#include "services/trustctl/access_verb.h"
#include "services/trustctl/assess_verbs.h"
#include "services/trustctl/attention_verb.h"
#include "services/trustctl/audit_verbs.h"
#include "services/trustctl/backup_verb.h"
#include "services/trustctl/call_verb.h"
#include "services/trustctl/checkpoint_verb.h"
#include "services/trustctl/completion_verbs.h"
#include "services/trustctl/contact_verbs.h"
#include "services/trustctl/explain_verb.h"
#include "services/trustctl/history_verb.h"
#include "services/trustctl/import_verb.h"
#include "services/trustctl/keygen_verb.h"
#include "services/trustctl/man_verb.h"
#include "services/trustctl/partnerships_verb.h"
#include "services/trustctl/policy_verbs.h"
#include "services/trustctl/record_verb.h"
#include "services/trustctl/replay_verb.h"
#include "services/trustctl/report_verb.h"
#include "services/trustctl/restore_verb.h"
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

// In the order of the help.
constexpr Verb (*kMakers[])() = {WaitVerb,
                                 StatusVerb,
                                 ImportVerb,
                                 RecordVerb,
                                 PartnershipsVerb,
                                 StageVerb,
                                 TimelineVerb,
                                 ExplainVerb,
                                 HistoryVerb,
                                 ReplayVerb,
                                 WatchVerb,
                                 AttentionVerb,
                                 SimulateVerb,
                                 PolicyListVerb,
                                 PolicyShowVerb,
                                 PolicyPublishVerb,
                                 PolicyActivateVerb,
                                 PolicyPinVerb,
                                 PolicyUnpinVerb,
                                 AssessIssueVerb,
                                 AssessVerifyVerb,
                                 AssessListVerb,
                                 AssessRestatementsVerb,
                                 AccessVerb,
                                 EraseVerb,
                                 HoldPlaceVerb,
                                 HoldReleaseVerb,
                                 KeygenVerb,
                                 CheckpointVerb,
                                 VerifyVerb,
                                 AuditExportVerb,
                                 AuditCheckVerb,
                                 BackupVerb,
                                 RestoreVerb,
                                 ReportVerb,
                                 CallVerb,
                                 CompletionVerb,
                                 CompletionWordsVerb,
                                 ManVerb};

}  // namespace

const std::vector<Verb>& AllVerbs() {
  static const auto* const kVerbs = [] {
    auto* const verbs = new std::vector<Verb>;
    for (Verb (*const make)() : kMakers) verbs->push_back(make());
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
