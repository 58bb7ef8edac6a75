#include "tests/simulation/index_check.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "projections/standing.h"
#include "projections/trust_history.h"
#include "services/standing_rows.h"

namespace simulation {

std::string IndexFault(const eventstore::EventStore& store, projections::Day day, projections::Day latest_day,
                       const std::map<std::string, std::vector<trust::v1::Event>>& histories,
                       const std::shared_ptr<const projections::Policy>& policy) {
  std::map<std::pair<std::string, std::string>, std::string> expected, kept;
  for (const auto& [partnership, history] : histories) {
    const auto row = services::ReadStandingRow(store, partnership);
    if (!row.ok() || !row->has_value()) return absl::StrCat(partnership, " has no row in the index");
    projections::TrustHistory fresh(partnership, policy);
    for (const trust::v1::Event& event : history) fresh.Apply(event);
    const trust::v1::StandingRow& there = **row;
    // The clock may have been set back while the rows were read for the day that it had shown.
    if (there.day() > latest_day) return absl::StrCat("the index's row of ", partnership, " is of no day yet");
    trust::v1::StandingRow right = projections::ReadStanding(fresh, std::max(day, there.day()));
    // A row whose day has not come still says when it was read.
    right.set_next_day(there.next_day());
    right.set_day(there.day());
    right.set_sequence(there.sequence());
    if (there.SerializeAsString() != right.SerializeAsString()) {
      return absl::StrCat("the index's row of ", partnership, " is not that of its history");
    }
    for (const auto& [place, value] : services::DerivedRowsOf(partnership, right)) expected.emplace(place, value);
  }
  for (const char* table : {services::kStandingDayTable, services::kAttentionTable, services::kStandingWordsTable}) {
    const absl::Status read = store.ScanRows(table, "", [&](absl::string_view key, absl::string_view value) {
      kept.emplace(std::make_pair(std::string(table), std::string(key)), std::string(value));
      return true;
    });
    if (!read.ok()) return read.ToString();
  }
  return kept == expected ? "" : "the index's tables are not what follows from its rows";
}

}  // namespace simulation
