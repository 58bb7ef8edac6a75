// A file's content, as a verb or a flag names it: read, and written.

#ifndef SERVICES_TRUSTCTL_FILE_TEXT_H_
#define SERVICES_TRUSTCTL_FILE_TEXT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace trustctl {

// Reads to the end; "-" is the standard input. Errors: why it cannot be read, without the path.
absl::StatusOr<std::string> ReadText(const std::string& path);

// Makes text the content of the file at path, behind symbolic links. A regular file, or one that is not there, has it
// whole or not at all: the text waits beside it under a name of its own until every byte is there. A new file is for
// its owner alone; one that was there keeps its mode. What is no regular file, such as a device or a pipe, is written
// to. Errors: why it cannot be written, with the path.
absl::Status WriteText(const std::string& path, absl::string_view text);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_FILE_TEXT_H_
