#include "services/trustctl/access_verb.h"
#include "services/trustctl/audit_verbs.h"
#include "services/trustctl/backup_verb.h"
#include "services/trustctl/checkpoint_verb.h"
#include "services/trustctl/explain_verb.h"
#include "services/trustctl/history_verb.h"
#include "services/trustctl/import_verb.h"
#include "services/trustctl/keygen_verb.h"
#include "services/trustctl/restore_verb.h"
#include "services/trustctl/stage_verb.h"
#include "services/trustctl/timeline_verb.h"
#include "services/trustctl/verb.h"
#include "services/trustctl/verify_verb.h"
#include "services/trustctl/wait_verb.h"

namespace trustctl {

const std::vector<Verb>& AllVerbs() {
  static const auto* const kVerbs = new std::vector<Verb>{
      WaitVerb(),   ImportVerb(),     StageVerb(),  TimelineVerb(),    ExplainVerb(),    HistoryVerb(), AccessVerb(),
      KeygenVerb(), CheckpointVerb(), VerifyVerb(), AuditExportVerb(), AuditCheckVerb(), BackupVerb(),  RestoreVerb()};
  return *kVerbs;
}

std::vector<VerbSyntax> AllVerbSyntax() {
  std::vector<VerbSyntax> result;
  for (const Verb& verb : AllVerbs()) result.push_back(verb.syntax);
  return result;
}

}  // namespace trustctl
