#include "projections/tie_aggregate.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace projections {
namespace {

using trust::v1::TieReading;

// The groups of partners that ties of at least a stage join, each ascending, ordered by their first.
using Groups = std::vector<std::vector<std::string>>;

// REQUIRES: ties is not empty.
class Graph {
 public:
  explicit Graph(const std::vector<const TieReading*>& ties) : ties_(ties) {
    for (const TieReading* const tie : ties) {
      for (const std::string& organization : tie->organizations()) groups_.emplace(organization, organization);
    }
  }

  Groups At(int stage) {
    for (auto& [organization, leader] : groups_) leader = organization;
    for (const TieReading* const tie : ties_) {
      if (tie->mutual() < stage) continue;
      const std::string& one = Leader(tie->organizations(0));
      const std::string& other = Leader(tie->organizations(1));
      if (one < other) {
        groups_[other] = one;
      } else {
        groups_[one] = other;
      }
    }
    std::map<std::string, std::vector<std::string>> by_leader;
    for (const auto& [organization, leader] : groups_) by_leader[Leader(organization)].push_back(organization);
    Groups groups;
    for (auto& [leader, group] : by_leader) groups.push_back(std::move(group));
    return groups;
  }

 private:
  // The smallest of a group leads it.
  const std::string& Leader(const std::string& organization) const {
    auto found = groups_.find(organization);
    while (found->second != found->first) found = groups_.find(found->second);
    return found->first;
  }

  const std::vector<const TieReading*>& ties_;
  std::map<std::string, std::string> groups_;  // Whom each follows; itself when it leads.
};

}  // namespace

TieReading RenderTie(const trust::v1::DirectionReading& there, const trust::v1::DirectionReading& back) {
  TieReading tie;
  tie.set_mutual(std::min(there.stage(), back.stage()));
  tie.set_asymmetry(std::abs(static_cast<int>(there.stage()) - static_cast<int>(back.stage())));
  for (int facet = 0; facet < there.facets_size() && facet < back.facets_size(); ++facet) {
    tie.add_score_gaps_bp(there.facets(facet).score_bp() - back.facets(facet).score_bp());
  }
  return tie;
}

trust::v1::PartnershipReading Aggregate(std::vector<TieReading> ties) {
  trust::v1::PartnershipReading whole;
  std::vector<const TieReading*> assessed;
  std::vector<int> stages;
  for (const TieReading& tie : ties) {
    if (tie.forming()) continue;
    assessed.push_back(&tie);
    stages.push_back(tie.mutual());
  }
  std::sort(stages.begin(), stages.end());
  if (!assessed.empty()) {
    const auto stage = [](int number) { return static_cast<trust::v1::Stage>(number); };
    whole.set_stage(stage(stages.front()));
    whole.set_median(stage(stages[(stages.size() - 1) / 2]));
    whole.set_coverage_bp(static_cast<int32_t>(10000 * assessed.size() / ties.size()));
    Graph graph(assessed);
    const Groups joined = graph.At(0);
    int connected = trust::v1::STAGE_MAINTAINING_COMMITMENT;
    while (connected > 0 && graph.At(connected) != joined) --connected;
    whole.set_connected(stage(connected));
    // Nothing lies above the highest stage that could divide what holds together there.
    const int level = std::min(connected + 1, static_cast<int>(trust::v1::STAGE_MAINTAINING_COMMITMENT));
    for (const std::vector<std::string>& group : graph.At(level)) {
      *whole.add_faultlines()->mutable_organizations() = {group.begin(), group.end()};
    }
  }
  for (TieReading& tie : ties) *whole.add_ties() = std::move(tie);
  return whole;
}

}  // namespace projections
