// The standing index against what it is made of.

#ifndef TESTS_SIMULATION_INDEX_CHECK_H_
#define TESTS_SIMULATION_INDEX_CHECK_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/event_store.h"
#include "projections/day.h"
#include "projections/policy.h"
#include "trust/v1/events.pb.h"

namespace simulation {

// What is wrong with the rows and tables of an index that has caught up with the histories, and says that it was read
// for a day; empty when it is what it would be if it were made now. latest_day: that the clock ever showed.
std::string IndexFault(const eventstore::EventStore& store, projections::Day day, projections::Day latest_day,
                       const std::map<std::string, std::vector<trust::v1::Event>>& histories,
                       const std::shared_ptr<const projections::Policy>& policy);

}  // namespace simulation

#endif  // TESTS_SIMULATION_INDEX_CHECK_H_
