#include "projections/event_name.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace projections {
namespace {

constexpr absl::string_view kPartnerships = "partnerships/";
constexpr absl::string_view kEvents = "/events/";

}  // namespace

std::string EventName(absl::string_view partnership, int64_t revision) {
  return absl::StrCat(kPartnerships, partnership, kEvents, revision);
}

std::optional<int64_t> ParseEventName(absl::string_view partnership, absl::string_view reference) {
  if (absl::ConsumePrefix(&reference, kPartnerships)) {
    const size_t slash = reference.find('/');
    if (slash == absl::string_view::npos || slash == 0) return std::nullopt;
    if (!partnership.empty() && reference.substr(0, slash) != partnership) return std::nullopt;
    reference.remove_prefix(slash);
    if (!absl::ConsumePrefix(&reference, kEvents)) return std::nullopt;
  }
  if (reference.empty() || reference[0] < '1' || reference[0] > '9') return std::nullopt;
  int64_t revision = 0;
  // SimpleAtoi allows surrounding space, which a name does not.
  if (reference.find_first_not_of("0123456789") != absl::string_view::npos) return std::nullopt;
  if (!absl::SimpleAtoi(reference, &revision)) return std::nullopt;
  return revision;
}

}  // namespace projections
