// The grammars of the texts that callers choose: ids, request ids, external ids, digests, names for people. Pure
// predicates; none looks at any state.

#ifndef SERVICES_DOMAIN_IDENTIFIER_H_
#define SERVICES_DOMAIN_IDENTIFIER_H_

#include "absl/strings/string_view.h"

namespace domain {

// [a-z]([a-z0-9-]{0,61}[a-z0-9])?
bool IsId(absl::string_view text);

// A UUID in its usual form of 36 characters, in either case: 8-4-4-4-12 hexadecimal digits.
bool IsUuid(absl::string_view text);

// [a-z0-9]([a-z0-9-._]{0,126}[a-z0-9])?, and not digits alone, which would read as a revision.
bool IsExternalId(absl::string_view text);

// 64 lower-case hexadecimal digits.
bool IsSha256(absl::string_view text);

// The version label of a policy: [a-z]([a-z0-9./_-]{0,61}[a-z0-9])?
bool IsPolicyLabel(absl::string_view text);

// Printable ASCII, the space included, at most kTraceIdSizeMax; the empty text too.
bool IsTraceId(absl::string_view text);

// Well-formed UTF-8 (no surrogates, nothing overlong) without control characters; the empty text too.
bool IsDisplayText(absl::string_view text);

}  // namespace domain

#endif  // SERVICES_DOMAIN_IDENTIFIER_H_
