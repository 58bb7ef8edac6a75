// Whether others than the server's user can use what is the server's alone. Blocks on the disk; for the start.

#ifndef SERVICES_OPEN_PATHS_H_
#define SERVICES_OPEN_PATHS_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "services/log.h"

namespace services {

struct GuardedPath {
  enum class Guard {
    kDirectory,  // Nobody else is to read or write it.
    kKeys,       // The same, of a directory that the server closes by itself.
    kFile,       // Others may read it, and are not to write it.
  };

  std::string flag;  // That names it, or would.
  std::string path;  // Empty, or not there: nothing is said of it.
  Guard guard;
};

// For each path that its group or others can read or write and must not, what to say of it in the log, with the command
// that mends it. What is not of its kind, a file for a directory, is left out.
std::vector<LogFields> FindOpenPaths(absl::Span<const GuardedPath> paths);

}  // namespace services

#endif  // SERVICES_OPEN_PATHS_H_
