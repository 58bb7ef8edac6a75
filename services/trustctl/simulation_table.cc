#include "services/trustctl/simulation_table.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/trustctl/reading_words.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

// The first day on which the two paths part; empty when they do not.
std::string FirstDifference(const trust::v1::SimulatedDirection& direction) {
  const auto& now = direction.transitions();
  const auto& then = direction.transitions_simulated();
  for (int i = 0; i < std::max(now.size(), then.size()); ++i) {
    if (i >= now.size()) return then[i].date();
    if (i >= then.size()) return now[i].date();
    if (now[i].date() != then[i].date() || now[i].stage() != then[i].stage()) {
      return std::min(now[i].date(), then[i].date());
    }
  }
  return "";
}

}  // namespace

SimulationTable::SimulationTable()
    : table_({{"partnership"}, {"trustor -> trustee"}, {"stage now"}, {"would be"}, {"differs since"}}) {}

void SimulationTable::Add(const trust::v1::SimulatedDifference& difference) {
  bool first = true;
  for (const trust::v1::SimulatedDirection& direction : difference.directions()) {
    const bool same = direction.stage() == direction.stage_simulated();
    const Style style = direction.stage_simulated() > direction.stage() ? Style::kGood : Style::kBad;
    table_.Add({first ? difference.partnership() : "", DirectionInWords(direction.trustor(), direction.trustee()),
                StageInWords(direction.stage()),
                same ? Cell("the same today", Style::kFaint) : Cell(StageInWords(direction.stage_simulated()), style),
                FirstDifference(direction)});
    first = false;
  }
}

std::string SimulationInWords(const trust::v1::SimulationEnd& end) {
  return absl::StrCat(Count(end.partnership_count(), "partnership"), " with ", Count(end.event_count(), "event"),
                      " read under ", PolicyInWords(end.policy_version(), end.policy_sha256()), ": the stage would be ",
                      "another today in ", end.stage_difference_count(), ", and in ",
                      end.difference_count() - end.stage_difference_count(), " more only the way there.");
}

}  // namespace trustctl
