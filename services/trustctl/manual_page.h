// The manual page trustctl(1) in the man macros of roff, from the table of verbs. Pure.

#ifndef SERVICES_TRUSTCTL_MANUAL_PAGE_H_
#define SERVICES_TRUSTCTL_MANUAL_PAGE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/trustctl/command_line.h"

namespace trustctl {

// The whole page, with every verb and every flag.
std::string ManualPage(const std::vector<VerbSyntax>& verbs, absl::string_view version);

// A text as roff prints it to the letter.
std::string RoffText(absl::string_view text);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_MANUAL_PAGE_H_
