// Small files that are whole and on the disk, or not there. Thread-safe for different paths. Blocks on the disk.
// Whatever writes answers RESOURCE_EXHAUSTED, besides what is said below, when the disk is full.

#ifndef EVENTSTORE_DURABLE_FILE_H_
#define EVENTSTORE_DURABLE_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace eventstore {

// The directory that holds a path.
std::string DirectoryOf(const std::string& path);

// Makes a directory durably when it is missing; its parent must be there. Errors: PERMISSION_DENIED.
absl::Status MakeDirectory(const std::string& path);

// A whole file. Errors: NOT_FOUND; PERMISSION_DENIED when it cannot be read.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path);

// Makes a file, which must not be there, with these permissions (such as 0600). Errors: ALREADY_EXISTS;
// PERMISSION_DENIED when it cannot be written; it is not there then.
absl::Status CreateDurableFile(const std::string& path, absl::string_view content, int mode);

// Puts content in the place of a file, or makes it: at any moment the old or the new is there, whole. A file
// path + ".new" may be left by a crash. Errors: PERMISSION_DENIED; the old or the new is there then.
absl::Status ReplaceDurableFile(const std::string& path, absl::string_view content);

// Renames a file durably within its directory. Errors: PERMISSION_DENIED.
absl::Status RenameDurableFile(const std::string& from, const std::string& to);

}  // namespace eventstore

#endif  // EVENTSTORE_DURABLE_FILE_H_
