// What a simulation found, as a table: a direction a row. Not thread-safe.

#ifndef SERVICES_TRUSTCTL_SIMULATION_TABLE_H_
#define SERVICES_TRUSTCTL_SIMULATION_TABLE_H_

#include "services/trustctl/table.h"
#include "trust/v1/trust_service.pb.h"

namespace trustctl {

class SimulationTable {
 public:
  SimulationTable();

  void Add(const trust::v1::SimulatedDifference& difference);
  void Print(const Console& console) { table_.Print(console); }

 private:
  Table table_;
};

// How many partnerships differ, of how many, under which policy.
std::string SimulationInWords(const trust::v1::SimulationEnd& end);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_SIMULATION_TABLE_H_
