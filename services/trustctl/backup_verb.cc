#include "services/trustctl/backup_verb.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

constexpr char kBackupTimeout[] = "timeout";
constexpr char kBackupTimeoutDefault[] = "2h";

absl::Status RunBackup(const Invocation& invocation, Session& session) {
  const absl::StatusOr<absl::Duration> timeout =
      ParseWait(kBackupTimeout, invocation.Get(kBackupTimeout, kBackupTimeoutDefault));
  if (!timeout.ok()) return timeout.status();
  const auto made = session.connection.CreateBackup(trust::v1::CreateBackupRequest(), *timeout);
  if (!made.ok()) return made.status();
  const Console& console = session.console;
  if (console.json) {
    PrintJson(*made, console.out);
    return absl::OkStatus();
  }
  console.out << "Backup " << Printable(made->backup()) << ": " << Count(made->log_size(), "record") << " in "
              << Count(made->byte_count(), "byte") << ", of which " << Count(made->new_byte_count(), "byte")
              << " are new, made and read back in " << absl::FormatDuration(absl::Milliseconds(made->duration_ms()))
              << ".\n";
  if (made->key_backup().empty()) {
    console.out << "The keys of personal data are not backed up: the server has no --keys_backup_directory.\n";
  } else {
    console.out << "Backup " << Printable(made->key_backup())
                << " of the keys: " << Count(made->key_byte_count(), "byte") << ".\n";
  }
  return absl::OkStatus();
}

}  // namespace

Verb BackupVerb() {
  Verb verb;
  verb.syntax.name = "backup";
  verb.syntax.summary = "have the server back up its log";
  verb.syntax.description =
      "Has the server make a backup in the directories that its flags --backup_directory and --keys_backup_directory "
      "name, beside its work, and read it back. All that was acknowledged before is in it. A backup that nobody waits "
      "for any more is made all the same.";
  verb.syntax.flags = {{kBackupTimeout, "TIME", "how long to wait at most; default 2h"}};
  verb.syntax.examples = {"trustctl backup", "trustctl backup --json >> backups.jsonl"};
  verb.run = RunBackup;
  return verb;
}

}  // namespace trustctl
