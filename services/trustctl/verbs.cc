#include "services/trustctl/access_verb.h"
#include "services/trustctl/attention_verb.h"
#include "services/trustctl/audit_verbs.h"
#include "services/trustctl/backup_verb.h"
#include "services/trustctl/call_verb.h"
#include "services/trustctl/checkpoint_verb.h"
#include "services/trustctl/explain_verb.h"
#include "services/trustctl/history_verb.h"
#include "services/trustctl/import_verb.h"
#include "services/trustctl/keygen_verb.h"
#include "services/trustctl/partnerships_verb.h"
#include "services/trustctl/record_verb.h"
#include "services/trustctl/report_verb.h"
#include "services/trustctl/restore_verb.h"
#include "services/trustctl/stage_verb.h"
#include "services/trustctl/timeline_verb.h"
#include "services/trustctl/verb.h"
#include "services/trustctl/verify_verb.h"
#include "services/trustctl/wait_verb.h"

namespace trustctl {

const std::vector<Verb>& AllVerbs() {
  static const auto* const kVerbs =
      new std::vector<Verb>{WaitVerb(),     ImportVerb(),     RecordVerb(),  PartnershipsVerb(), StageVerb(),
                            TimelineVerb(), ExplainVerb(),    HistoryVerb(), AttentionVerb(),    AccessVerb(),
                            KeygenVerb(),   CheckpointVerb(), VerifyVerb(),  AuditExportVerb(),  AuditCheckVerb(),
                            BackupVerb(),   RestoreVerb(),    ReportVerb(),  CallVerb()};
  return *kVerbs;
}

std::vector<VerbSyntax> AllVerbSyntax() {
  std::vector<VerbSyntax> result;
  for (const Verb& verb : AllVerbs()) result.push_back(verb.syntax);
  return result;
}

}  // namespace trustctl
