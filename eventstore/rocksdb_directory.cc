#include "eventstore/rocksdb_directory.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "eventstore/rocksdb_log_file.h"
#include "eventstore/rocksdb_status.h"
#include "rocksdb/env.h"

namespace eventstore {
namespace {

std::string ParentOf(const std::string& directory) {
  absl::string_view path = directory;
  while (path.size() > 1 && absl::ConsumeSuffix(&path, "/")) {
  }
  const size_t slash = path.rfind('/');
  if (slash == absl::string_view::npos) return ".";
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

// A directory exists after a power cut only when its parent has been flushed; RocksDB does not do that.
absl::Status MakeDirectory(const std::string& directory, rocksdb::Env* env) {
  rocksdb::Status status = env->CreateDirIfMissing(directory);
  std::unique_ptr<rocksdb::Directory> parent;
  if (status.ok()) status = env->NewDirectory(ParentOf(directory), &parent);
  if (status.ok()) status = parent->Fsync();
  if (status.ok()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("cannot make the directory ", directory, ": ", status.ToString()));
}

// RocksDB takes the lock again when it opens; asking first gives the answer words, whatever the other process is doing
// to the files. What the system said stands in RocksDB's text alone.
absl::Status CheckUnused(const std::string& directory, rocksdb::Env* env) {
  rocksdb::FileLock* lock = nullptr;
  rocksdb::Status status = env->LockFile(absl::StrCat(directory, "/LOCK"), &lock);
  if (status.ok()) status = env->UnlockFile(lock);
  if (status.ok()) return absl::OkStatus();
  const std::string said = status.ToString();
  std::string why = absl::StrCat("cannot be locked: ", said);
  if (absl::StrContains(said, "Permission denied")) {
    why = absl::StrCat("is not writable for the user of id ", geteuid(), ", that this program runs as: give that user ",
                       "the directory and all that is in it, with chown -R (", said, ")");
  } else if (absl::StrContains(said, "temporarily unavailable") || absl::StrContains(said, "lock hold by current")) {
    why = absl::StrCat("is in use by another process: stop that one, or name another directory (", said, ")");
  }
  return absl::FailedPreconditionError(absl::StrCat("the store in ", directory, " ", why));
}

// Tables are <number>.sst and WALs <number>.log; the info log is LOG.
bool IsNumbered(absl::string_view file, absl::string_view ending) {
  return !file.empty() && absl::ascii_isdigit(static_cast<unsigned char>(file[0])) && absl::EndsWith(file, ending);
}

// The WAL that was written last: that with the greatest number. Empty when there is none.
std::string NewestWal(const std::vector<std::string>& files) {
  std::string newest;
  for (const std::string& file : files) {
    const bool newer = file.size() != newest.size() ? file.size() > newest.size() : file > newest;
    if (IsNumbered(file, ".log") && newer) newest = file;
  }
  return newest;
}

rocksdb::Status CutOff(const std::string& path, size_t bytes, rocksdb::Env* env) {
  std::unique_ptr<rocksdb::WritableFile> file;
  rocksdb::Status status = env->ReopenWritableFile(path, &file, rocksdb::EnvOptions());
  if (status.ok()) status = file->Truncate(bytes);
  if (status.ok()) status = file->Sync();
  if (status.ok()) status = file->Close();
  return status;
}

absl::Status CheckLogFiles(const std::string& directory, const std::vector<std::string>& files, rocksdb::Env* env) {
  const std::string newest_wal = NewestWal(files);
  std::string manifest;
  const std::string current = absl::StrCat(directory, "/CURRENT");
  if (const rocksdb::Status status = rocksdb::ReadFileToString(env, current, &manifest); !status.ok()) {
    return ReadFailure(current, status);
  }
  absl::StripAsciiWhitespace(&manifest);
  for (const std::string& file : files) {
    const bool wal = IsNumbered(file, ".log");
    // Another MANIFEST may hold anything: the power went before it was flushed, and only then would CURRENT name it.
    if (!wal && file != manifest) continue;
    const std::string path = absl::StrCat(directory, "/", file);
    std::string bytes;
    if (const rocksdb::Status status = rocksdb::ReadFileToString(env, path, &bytes); !status.ok()) {
      return ReadFailure(path, status);
    }
    const absl::StatusOr<size_t> kept = CheckLogFile(bytes);
    if (!kept.ok()) {
      return absl::Status(kept.status().code(),
                          absl::StrCat(path, ": ", kept.status().message(), ": restore a backup"));
    }
    // An older WAL was flushed to its end: RocksDB refuses it.
    if (*kept == bytes.size() || (wal && file != newest_wal)) continue;
    // Was being written when the power went, so nobody was told that it is there; RocksDB would refuse the whole file.
    if (const rocksdb::Status status = CutOff(path, *kept, env); !status.ok()) return ReadFailure(path, status);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DirectoryContent> PrepareDirectory(const std::string& directory, rocksdb::Env* env) {
  if (absl::Status status = MakeDirectory(directory, env); !status.ok()) return status;
  if (absl::Status status = CheckUnused(directory, env); !status.ok()) return status;
  std::vector<std::string> files;
  if (const rocksdb::Status status = env->GetChildren(directory, &files); !status.ok()) {
    return ReadFailure(directory, status);
  }
  if (std::find(files.begin(), files.end(), "CURRENT") != files.end()) {
    if (absl::Status status = CheckLogFiles(directory, files, env); !status.ok()) return status;
    return DirectoryContent::kDatabase;
  }
  for (const std::string& file : files) {
    if (IsNumbered(file, ".sst") || IsNumbered(file, ".log")) {
      return absl::DataLossError(absl::StrCat("the store in ", directory, " has lost its file CURRENT, but ", file,
                                              " is there: restore a backup"));
    }
  }
  return DirectoryContent::kNothing;
}

}  // namespace eventstore
