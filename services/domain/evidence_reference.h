// The references that evidence makes to earlier events of its partnership: which kinds must make one, and whether what
// it names is there and of the right kind. What each kind refers to is the projections' knowledge. Pure.

#ifndef SERVICES_DOMAIN_EVIDENCE_REFERENCE_H_
#define SERVICES_DOMAIN_EVIDENCE_REFERENCE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "projections/evidence_reference.h"
#include "projections/partnership.h"
#include "trust/v1/events.pb.h"

namespace domain {

using projections::Referent;
using projections::ReferentOf;

// The one reference of a kind of evidence.
struct Reference {
  Referent to = Referent::kNothing;
  bool required = false;   // It may not be left out.
  absl::string_view text;  // As it stands in the evidence; empty when it is left out.
};

// The reference that this evidence makes or could make. The text lives as long as the evidence is unchanged.
Reference ReferenceOf(const trust::v1::Evidence& evidence);

// The name of the field that holds a reference of this kind, which is also the word for what it points at.
absl::string_view FieldNameOf(Referent referent);

// The name of the evidence's kind as in the proto: commitment_made. Empty when it has none.
std::string KindName(const trust::v1::Evidence& evidence);

// The path of a field of the evidence's kind, where the evidence stands at path:
// evidence.commitment_fulfilled.commitment.
std::string KindFieldPath(absl::string_view path, const trust::v1::Evidence& evidence, absl::string_view field);

// Finds a revision by another name than the service's own.
using Names = absl::FunctionRef<std::optional<int64_t>(absl::string_view)>;

// What a reference leads to.
struct Resolved {
  int64_t key = 0;  // The revision of the event that began what it points at; 0 when the evidence refers to nothing.
  bool in_force = true;  // False when the event named is void, or was corrected into another kind.
};

// Replaces the reference by the full name of the event that began what it points at: the first report for a later
// report of a violation, and likewise for conflicts. One that is no longer in force stays as it is. Errors: NOT_FOUND /
// EVENT_NOT_FOUND: the history holds no such event. FAILED_PRECONDITION / WRONG_EVENT_KIND: it never was of the kind.
absl::StatusOr<Resolved> ResolveReference(const projections::Partnership& state, absl::string_view partnership,
                                          Names other_names, absl::string_view path, trust::v1::Evidence& evidence);

// The revision that text names, by its full name, its number or another name. Errors: NOT_FOUND / EVENT_NOT_FOUND.
absl::StatusOr<int64_t> ResolveEvent(const projections::Partnership& state, absl::string_view partnership,
                                     Names other_names, absl::string_view path, absl::string_view text);

// What an event must be for a reference of this kind to name it, for messages.
absl::string_view WantedKind(Referent referent);

}  // namespace domain

#endif  // SERVICES_DOMAIN_EVIDENCE_REFERENCE_H_
