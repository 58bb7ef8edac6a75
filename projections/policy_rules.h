// What a policy document must satisfy so that its readings are sane: silence never promotes, praise of oneself never
// counts fully, repair never undoes, and the like. (Specification, sections 7.6 and 13, rules V1 to V14; PARAMETERS.md
// says each in words.) Pure.

#ifndef PROJECTIONS_POLICY_RULES_H_
#define PROJECTIONS_POLICY_RULES_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "trust/v1/policy.pb.h"

namespace projections {

// The version of the algorithm in this program; documents for another are refused.
inline constexpr int kAlgorithmVersion = 1;

// One sentence for each broken rule, beginning with the rule's name; empty for a sound document.
std::vector<std::string> BrokenRules(const trust::v1::PolicyDocument& document);

// The weights of a row in the order of the facets.
std::vector<int32_t> WeightsOf(const trust::v1::FacetWeights& weights);

// A kind of evidence by its name in Evidence and, where it has results or types, one of them by its enum value's name:
// the numbers of its field and of the value (0 where there are none). Nothing when there is no such kind or value, or
// when the kind has results and none is named.
std::optional<std::pair<int, int>> FindKind(absl::string_view kind, absl::string_view variant);

}  // namespace projections

#endif  // PROJECTIONS_POLICY_RULES_H_
