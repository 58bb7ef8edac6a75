// Commands drawn at random, for histories that are there: most of them right, some of them not.

#ifndef TESTS_SIMULATION_ANY_COMMAND_H_
#define TESTS_SIMULATION_ANY_COMMAND_H_

#include <cstddef>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "tests/simulation/dice.h"
#include "trust/v1/events.pb.h"
#include "trust/v1/evidence_service.pb.h"
#include "trust/v1/partnership_service.pb.h"

namespace simulation {

using AnyRequest = std::variant<
    trust::v1::CreatePartnershipRequest, trust::v1::RecordEvidenceRequest, trust::v1::BatchRecordEvidenceRequest,
    trust::v1::ConfirmEvidenceRequest, trust::v1::ContestEvidenceRequest, trust::v1::CorrectEvidenceRequest,
    trust::v1::RetractEvidenceRequest, trust::v1::SuspendPartnershipRequest, trust::v1::ResumePartnershipRequest>;

// A command about a partnership, given its history; a partnership without one is most likely to be founded. revises:
// what was recorded may be confirmed, contested, corrected and retracted.
AnyRequest DrawRequest(Dice& dice, const std::string& partnership, const std::vector<trust::v1::Event>& history,
                       absl::Time now, bool revises);

// How many events it makes when it is accepted.
size_t EventsOf(const AnyRequest& request);

}  // namespace simulation

#endif  // TESTS_SIMULATION_ANY_COMMAND_H_
