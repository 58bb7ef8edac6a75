#include "services/trustctl/confirmation.h"

#include <unistd.h>

#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/trustctl/failure.h"

namespace trustctl {

absl::Status Confirm(const std::string& what, const std::string& word, const Console& console) {
  if (isatty(STDIN_FILENO) == 0 || !console.shows_progress) {
    return UsageError(absl::StrCat(what, " cannot be undone, and nobody can be asked here: say --yes"));
  }
  console.err << what << " cannot be undone.\nType " << word << " to do it: " << std::flush;
  std::string line;
  std::getline(std::cin, line);
  if (absl::StripAsciiWhitespace(line) == word) return absl::OkStatus();
  return absl::CancelledError(absl::StrCat("nothing was done: ", word, " was not typed"));
}

}  // namespace trustctl
