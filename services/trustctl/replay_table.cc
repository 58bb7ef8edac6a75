#include "services/trustctl/replay_table.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "services/trustctl/date.h"
#include "services/trustctl/reading_words.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

using trust::v1::DirectionReading;

constexpr int kFacetCount = 4;

int ScoreOf(const DirectionReading& reading, int facet) {
  return facet < reading.facets_size() ? reading.facets(facet).score_bp() : 0;
}

// In whole percent, as it is shown.
int ShownScore(const DirectionReading& reading, int facet) { return (ScoreOf(reading, facet) + 50) / 100; }

// Whether anything that the table shows is another. Before the first contact there is nothing to show.
bool IsMoved(const DirectionReading& before, const DirectionReading& after) {
  if (before.stage() == trust::v1::STAGE_UNSPECIFIED && after.stage() == trust::v1::STAGE_UNSPECIFIED) return false;
  bool moved = before.stage() != after.stage() || before.condition() != after.condition();
  for (int facet = 0; facet < kFacetCount; ++facet) {
    moved = moved || ShownScore(before, facet) != ShownScore(after, facet);
  }
  return moved;
}

Cell StageChangeCell(const DirectionReading& before, const DirectionReading& after) {
  if (before.stage() == after.stage()) return Cell(StageInWords(after.stage()));
  return Cell(absl::StrCat(StageInWords(before.stage()), " -> ", StageInWords(after.stage())),
              after.stage() > before.stage() ? Style::kGood : Style::kBad);
}

Cell ScoreChangeCell(const DirectionReading& before, const DirectionReading& after, int facet) {
  if (facet >= after.facets_size()) return Cell();
  const std::string score = Percent(ScoreOf(after, facet));
  const int moved = ShownScore(after, facet) - ShownScore(before, facet);
  if (moved == 0 || before.facets().empty()) return Cell(score);
  return Cell(absl::StrCat(score, moved > 0 ? " +" : " ", moved), moved > 0 ? Style::kGood : Style::kBad);
}

std::vector<Column> ReplayColumns() {
  std::vector<Column> columns = {{.heading = "rev", .right = true},
                                 {"date"},
                                 {.heading = "what happened", .wraps = true},
                                 {.heading = "actor -> affected", .spills = true},
                                 {"trustor -> trustee"},
                                 {.heading = "stage", .wraps = true},
                                 {"condition"}};
  for (const char* const facet : {"cred", "rapp", "reli", "nurt"}) {
    columns.push_back({.heading = facet, .right = true});
  }
  return columns;
}

}  // namespace

ReplayTable::ReplayTable() : table_(ReplayColumns()) {}

void ReplayTable::Add(const trust::v1::ReplayStep& step) {
  const trust::v1::Event& event = step.event();
  table_.Add({absl::StrCat(event.revision()), FormatTime(event.occur_time(), event.occur_time_precision()),
              WhatHappened(event), WhoWasInvolved(event)});
  for (const DirectionReading& after : step.directions()) {
    DirectionReading& before = before_[{after.trustor(), after.trustee()}];
    if (IsMoved(before, after)) {
      std::vector<Cell> cells = {"",
                                 "",
                                 "",
                                 "",
                                 DirectionInWords(after.trustor(), after.trustee()),
                                 StageChangeCell(before, after),
                                 ConditionCell(after.condition())};
      for (int facet = 0; facet < kFacetCount; ++facet) cells.push_back(ScoreChangeCell(before, after, facet));
      table_.Add(std::move(cells));
    }
    before = after;
  }
  for (const trust::v1::RevisedInterval& revised : step.revised()) {
    table_.AddNote(
        Cell(absl::StrCat("earlier days read otherwise now: ", DirectionInWords(revised.trustor(), revised.trustee()),
                          " from ", revised.first_date(),
                          revised.last_date().empty() ? "" : absl::StrCat(" to ", revised.last_date()), ": ",
                          StageInWords(revised.stage_before()), " -> ", StageInWords(revised.stage())),
             Style::kWarning));
  }
}

}  // namespace trustctl
