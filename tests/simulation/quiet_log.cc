#include "tests/simulation/quiet_log.h"

#include <fcntl.h>
#include <unistd.h>

namespace simulation {

QuietLog::QuietLog() {
  kept_ = dup(STDERR_FILENO);
  const int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2(nothing, STDERR_FILENO);
  close(nothing);
}

QuietLog::~QuietLog() {
  dup2(kept_, STDERR_FILENO);
  close(kept_);
}

}  // namespace simulation
