// The rules of who takes part: partners that join and leave, the ties among them, their contacts. A live command is
// refused with the first rule it breaks; an import is stored with every one as a warning, unless it names one who never
// was a partner. Pure.

#ifndef SERVICES_DOMAIN_STRUCTURE_RULES_H_
#define SERVICES_DOMAIN_STRUCTURE_RULES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "projections/partnership.h"
#include "services/domain/field_checks.h"
#include "trust/v1/events.pb.h"

namespace domain {

// The shape of a list of organizations under field: min to max of them, valid ids, none twice.
void CheckOrganizations(absl::string_view field, const google::protobuf::RepeatedPtrField<std::string>& organizations,
                        int min, int max, FieldChecks& checks);

// The shape of one partner under field.
void CheckPartnerShape(absl::string_view field, const trust::v1::Partner& partner, FieldChecks& checks);

// Whether every organization that a structural event names is or was a partner, and one more has room. path stands
// before the names of fields: "" or "partner_joined.". Errors: NOT_FOUND / PARTNER_NOT_FOUND; FAILED_PRECONDITION /
// TOO_MANY_PARTNERS.
absl::Status CheckStructure(const projections::Partnership& state, absl::string_view partnership,
                            absl::string_view path, const trust::v1::Event& event);

// Every other rule that it breaks, as the refusal it would be, the gravest first. Refusals: PARTNER_NOT_FOUND for one
// who has left; CONTACT_NOT_FOUND; FAILED_PRECONDITION / PARTNERSHIP_ENDED, PARTNER_EXISTS, TOO_FEW_PARTNERS,
// TIE_DECLARED, CONTACT_ASSIGNED; INVALID_FIELD for a time before what it ends.
std::vector<absl::Status> BrokenStructureRules(const projections::Partnership& state, absl::string_view partnership,
                                               absl::string_view path, const trust::v1::Event& event);

// Errors: NOT_FOUND / PARTNER_NOT_FOUND when the organization, named in field, is no partner now.
absl::Status CheckPresent(const projections::Partnership& state, absl::string_view partnership, absl::string_view field,
                          absl::string_view organization);

// The body of a declared tie, its organizations in ascending order.
void SetTie(const google::protobuf::RepeatedPtrField<std::string>& organizations, trust::v1::Event& event);

// The body of a joining, with the name shown made explicit.
void SetJoined(const trust::v1::Partner& partner, trust::v1::Event& event);

}  // namespace domain

#endif  // SERVICES_DOMAIN_STRUCTURE_RULES_H_
