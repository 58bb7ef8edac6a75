// Text as a terminal shows it: how many columns it takes, where to break it, and what of it is safe to print. Knows
// UTF-8; of the wide and the combining characters it knows the common blocks. Pure.

#ifndef SERVICES_TRUSTCTL_DISPLAY_TEXT_H_
#define SERVICES_TRUSTCTL_DISPLAY_TEXT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace trustctl {

// The text with every control character and every byte that is not UTF-8 replaced by U+FFFD, so that no stored text can
// steer the terminal; tabs and line feeds become spaces.
std::string Printable(absl::string_view text);

// The columns that printable text takes: 0 for a combining mark, 2 for a wide character, 1 for any other.
int DisplayWidth(absl::string_view text);

// The text in lines of at most width columns, broken at spaces, or within a word that is longer (after a hyphen if it
// has one). At least one line. REQUIRES: width >= 2.
std::vector<std::string> Wrap(absl::string_view text, int width);

// 1234567 as 1,234,567.
std::string WithSeparators(int64_t number);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_DISPLAY_TEXT_H_
