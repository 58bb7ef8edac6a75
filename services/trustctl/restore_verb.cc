#include "services/trustctl/restore_verb.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "eventstore/rocksdb_backup.h"
#include "eventstore/rocksdb_key_store.h"
#include "services/trustctl/copy_progress.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/table.h"
#include "services/trustctl/verify_verb.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

using eventstore::BackupDescription;
using eventstore::Checkpoint;
using eventstore::Restoration;

constexpr char kBackupDirectory[] = "backup-directory";
constexpr char kBackup[] = "backup";
constexpr char kKeysBackupDirectory[] = "keys-backup-directory";
constexpr char kKeyBackup[] = "key-backup";
constexpr char kInto[] = "data-directory";
constexpr char kKeysInto[] = "keys-directory";
constexpr char kList[] = "list";

// The number of a backup; 0, the newest, when none was given.
absl::StatusOr<uint64_t> IdOf(const Invocation& invocation, const char* flag) {
  uint64_t id = 0;
  if (!invocation.Has(flag)) return id;
  if (absl::SimpleAtoi(invocation.Get(flag), &id) && id > 0) return id;
  return UsageError(absl::StrCat("--", flag, " wants the number of a backup, not \"", invocation.Get(flag),
                                 "\"; --list shows which there are"));
}

std::string MadeAt(const BackupDescription& description) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%SZ", description.made, absl::UTCTimeZone());
}

absl::Status List(const std::string& directory, const Console& console) {
  const auto listed = eventstore::ListBackups(directory);
  if (!listed.ok()) return listed.status();
  Table table({{"backup", true}, {"made"}, {"records", true}, {"bytes", true}, {"problem", false, true}});
  bool all_sound = true;
  for (const eventstore::ListedBackup& backup : *listed) {
    const BackupDescription& description = backup.description;
    all_sound = all_sound && backup.problem.empty();
    table.Add({absl::StrCat(description.id),
               MadeAt(description),
               absl::StrCat(description.checkpoint.size),
               absl::StrCat(description.bytes),
               {Printable(backup.problem), Style::kBad}});
  }
  table.Print(console);
  return all_sound ? absl::OkStatus() : absl::DataLossError("not every backup can be restored");
}

// The checkpoints that the restored log must continue: the backup's own, and one that somebody kept.
absl::StatusOr<std::vector<Checkpoint>> Wanted(const Invocation& invocation, const BackupDescription& description) {
  std::vector<Checkpoint> wanted = {description.checkpoint};
  if (wanted.front().origin.empty()) wanted.front().origin = "the backup, which nobody signed,";
  if (!invocation.Has(kVerifierKey)) return wanted;
  const std::string key = invocation.Get(kVerifierKey);
  const auto own = OpenSignedCheckpoint(description.note, "the checkpoint in the backup", key);
  if (!own.ok()) return own.status();
  if (!(*own == description.checkpoint)) {
    return absl::DataLossError("the description of the backup is not what its checkpoint says");
  }
  if (!invocation.Has(kCheckpoint)) return wanted;
  const auto kept = ReadSignedCheckpoint(invocation.Get(kCheckpoint), key);
  if (!kept.ok()) return kept.status();
  wanted.push_back(*kept);
  return wanted;
}

// A log that is no longer than a checkpoint that was made after it is not damaged for that.
absl::Status WithAge(const absl::Status& status, const std::vector<Checkpoint>& wanted) {
  if (wanted.size() < 2 || wanted[1].size <= wanted[0].size) return status;
  return absl::Status(
      status.code(),
      absl::StrCat(
          status.message(), ". The checkpoint that was kept is of ", Count(wanted[1].size, "record"),
          " and the backup of ", wanted[0].size,
          ": an older backup does not continue it. Restore a newer one; or leave --checkpoint out, and what was "
          "recorded after the backup is lost"));
}

// That a restored key store opens; how many keys it has.
absl::StatusOr<int64_t> CountKeys(const std::string& directory) {
  const auto keys = eventstore::RocksDbKeyStore::Open({directory});
  if (!keys.ok()) return keys.status();
  int64_t count = 0;
  const absl::Status listed = (*keys)->ListIds("", [&](absl::string_view) {
    ++count;
    return true;
  });
  if (!listed.ok()) return listed;
  return count;
}

struct Restored {
  Restoration log;
  std::optional<Restoration> keys;
};

// The bytes of a backup, the newest for 0; 0 when that is not known.
int64_t BackupBytes(const std::string& directory, uint64_t id) {
  const auto listed = eventstore::ListBackups(directory);
  if (!listed.ok()) return 0;
  int64_t bytes = 0;
  for (const eventstore::ListedBackup& backup : *listed) {
    if (id == 0 || backup.description.id == id) bytes = static_cast<int64_t>(backup.description.bytes);
  }
  return bytes;
}

// Checks and copies; nothing has its name yet.
absl::StatusOr<Restored> Begin(const Invocation& invocation, const std::string& into, const std::string& keys_into,
                               const Console& console) {
  const absl::StatusOr<uint64_t> id = IdOf(invocation, kBackup);
  if (!id.ok()) return id.status();
  const absl::StatusOr<uint64_t> key_id = IdOf(invocation, kKeyBackup);
  if (!key_id.ok()) return key_id.status();
  const CopyProgress progress(console, "checking and copying, in bytes", absl::StrCat(into, ".restoring"),
                              BackupBytes(invocation.Get(kBackupDirectory), *id));
  absl::StatusOr<Restoration> log = Restoration::Begin(invocation.Get(kBackupDirectory), *id, into);
  if (!log.ok()) return log.status();
  Restored restored{*std::move(log), std::nullopt};
  if (!invocation.Has(kKeysBackupDirectory)) return restored;
  absl::StatusOr<Restoration> keys = Restoration::Begin(invocation.Get(kKeysBackupDirectory), *key_id, keys_into);
  if (!keys.ok()) return keys.status();
  restored.keys.emplace(*std::move(keys));
  return restored;
}

absl::Status CheckFlags(const Invocation& invocation) {
  if (invocation.Has(kList)) return absl::OkStatus();
  if (invocation.Has(kCheckpoint) && !invocation.Has(kVerifierKey)) {
    return UsageError("--checkpoint FILE wants --verifier-key KEY: the key is what the checkpoint is worth");
  }
  if (!invocation.Has(kKeysBackupDirectory) && (invocation.Has(kKeysInto) || invocation.Has(kKeyBackup))) {
    return UsageError(
        "--keys-directory and --key-backup want --keys-backup-directory, where the keys are restored from");
  }
  return absl::OkStatus();
}

absl::Status RunRestore(const Invocation& invocation, Session& session) {
  if (absl::Status flags = CheckFlags(invocation); !flags.ok()) return flags;
  const Console& console = session.console;
  if (invocation.Has(kList)) {
    const absl::Status listed = List(invocation.Get(kBackupDirectory), console);
    if (!invocation.Has(kKeysBackupDirectory)) return listed;
    console.out << "\nOf the keys:\n";
    const absl::Status keys = List(invocation.Get(kKeysBackupDirectory), console);
    return listed.ok() ? keys : listed;
  }
  std::string into = invocation.Get(kInto);
  while (into.size() > 1 && into.back() == '/') into.pop_back();
  const std::string keys_into = invocation.Get(kKeysInto, absl::StrCat(into, "-keys"));
  const absl::StatusOr<Restored> restored = Begin(invocation, into, keys_into, console);
  if (!restored.ok()) return restored.status();
  const BackupDescription& description = restored->log.description();
  console.out << "Backup " << description.id << " of " << MadeAt(description) << " is as it was made.\n";

  const absl::StatusOr<std::vector<Checkpoint>> wanted = Wanted(invocation, description);
  if (!wanted.ok()) return wanted.status();
  if (const absl::Status sound = VerifyDirectory(restored->log.place(), into, *wanted, console); !sound.ok()) {
    return WithAge(sound, *wanted);
  }
  if (restored->keys.has_value()) {
    const absl::StatusOr<int64_t> count = CountKeys(restored->keys->place());
    if (!count.ok()) return count.status();
    if (absl::Status named = restored->keys->Finish(); !named.ok()) return named;
    console.out << Printable(keys_into) << ": " << Count(*count, "key") << ", of "
                << MadeAt(restored->keys->description()) << ".\n";
  }
  // The log last: with it the restored store is complete.
  if (absl::Status named = restored->log.Finish(); !named.ok()) return named;
  if (!restored->keys.has_value()) {
    console.out << "No keys were restored, so notes about persons stay sealed unless the keys are at hand; "
                   "--keys-backup-directory restores them, too.\n";
  }
  console.out << Styled(console, Style::kGood, "Restored.") << " Start trustd with --data_directory=" << Printable(into)
              << " and --accept_log_rollback=\"the reason\", which the log records.\n";
  return absl::OkStatus();
}

}  // namespace

Verb RestoreVerb() {
  Verb verb;
  verb.syntax.name = "restore";
  verb.syntax.summary = "bring a backup back, and prove it";
  verb.syntax.description =
      "Checks every byte of a backup, copies it to NAME.restoring beside the new directory, opens it there as trustd "
      "would, verifies the whole log, compares its root with the checkpoint in the backup, and only then gives it its "
      "name. Nothing is ever overwritten, and a restore that was cut short leaves nothing under that name. Needs no "
      "server.\n\n"
      "With --verifier-key the checkpoint in the backup must be signed by that key; with --checkpoint the log must "
      "continue one that was kept elsewhere, too. A backup that is older than it cannot, which is what it is for.\n\n"
      "A restored log is shorter than the lost one was. trustd therefore wants --accept_log_rollback once.";
  verb.syntax.flags = {
      Required({kBackupDirectory, "DIRECTORY", "what trustd has as --backup_directory"}),
      {kBackup, "N", "which backup; default the newest"},
      Required({kInto, "DIRECTORY",
                "a new directory for the store, as trustd's --data_directory; not with --list, which shows what can be "
                "restored"},
               kList),
      {kKeysBackupDirectory, "DIRECTORY",
       "what trustd has as --keys_backup_directory; without it no keys are restored"},
      {kKeyBackup, "N", "which backup of the keys; default the newest"},
      {kKeysInto, "DIRECTORY", "a new directory for the keys; default that of the store with -keys behind it"},
      {kList, "", "only show which backups there are; with --keys-backup-directory those of the keys, too"},
      {kCheckpoint, "FILE", "a signed checkpoint that the log must continue"},
      {kVerifierKey, "KEY", "the key that signed it, NAME+HASH+KEY"}};
  verb.syntax.examples = {"trustctl restore --backup-directory backups --list",
                          "trustctl restore --backup-directory backups --keys-backup-directory key-backups "
                          "--data-directory restored",
                          "trustctl restore --backup-directory backups --backup 7 --data-directory restored "
                          "--checkpoint kept.checkpoint --verifier-key \"$(cat log.pub)\""};
  verb.asks_server = AsksNobody;
  verb.run = RunRestore;
  return verb;
}

}  // namespace trustctl
