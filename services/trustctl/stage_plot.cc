#include "services/trustctl/stage_plot.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/reading_words.h"

namespace trustctl {
namespace {

constexpr int kStages = 4;
constexpr int kWidthMin = 50;
// A tick has the room of a date and two columns.
constexpr int kTickRoom = 12;

// The characters of a line: along, up and down; from below to the right, from above to the right, from the left down,
// from the left up; the axes.
struct StrokeSet {
  const char* along;
  const char* upright;
  const char* from_below;
  const char* from_above;
  const char* to_below;
  const char* to_above;
  const char* axis;
  const char* corner;
  const char* axis_along;
  const char* tick;
};
constexpr StrokeSet kLineStrokes = {"━", "┃", "┏", "┗", "┓", "┛", "│", "└", "─", "┴"};
constexpr StrokeSet kAsciiStrokes = {"=", "|", "+", "+", "+", "+", "|", "+", "-", "+"};

struct PlottedPath {
  std::string name;
  std::vector<std::pair<absl::CivilDay, int>> steps;
};

// The days of the plot and where they stand.
struct TimeAxis {
  absl::CivilDay first, last;
  int columns = 0;

  int ColumnOf(absl::CivilDay day) const {
    const int64_t days = std::max<int64_t>(1, last - first);
    return static_cast<int>(std::clamp<int64_t>((day - first) * (columns - 1) / days, 0, columns - 1));
  }
};

bool ParseDay(const std::string& date, absl::CivilDay* day) { return absl::ParseCivilTime(date, day); }

// A line of the grid, from the highest stage down, for each column: the stage at its end, and the one before it.
std::vector<std::string> GridOf(const PlottedPath& path, const TimeAxis& axis, const StrokeSet& strokes) {
  std::vector<std::vector<std::string>> cells(kStages, std::vector<std::string>(axis.columns, " "));
  int before = 0;
  size_t next = 0;
  for (int column = 0; column < axis.columns; ++column) {
    int stage = before;
    while (next < path.steps.size() && axis.ColumnOf(path.steps[next].first) <= column)
      stage = path.steps[next++].second;
    const auto at = [&](int level) -> std::string& { return cells[kStages - level][column]; };
    if (stage > 0 && (before == 0 || before == stage)) at(stage) = strokes.along;
    if (stage > 0 && before > 0 && before != stage) {
      for (int level = std::min(stage, before) + 1; level < std::max(stage, before); ++level)
        at(level) = strokes.upright;
      at(before) = stage > before ? strokes.to_above : strokes.to_below;
      at(stage) = stage > before ? strokes.from_below : strokes.from_above;
    }
    before = stage;
  }
  std::vector<std::string> lines;
  for (const std::vector<std::string>& row : cells) {
    std::string line;
    for (const std::string& cell : row) absl::StrAppend(&line, cell);
    while (!line.empty() && line.back() == ' ') line.pop_back();
    lines.push_back(std::move(line));
  }
  return lines;
}

// The days at which the axis has ticks: firsts of January where years are many, else what divides the time evenly.
std::vector<absl::CivilDay> TicksOf(const TimeAxis& axis) {
  std::vector<absl::CivilDay> ticks;
  const int count_max = std::max(1, axis.columns / kTickRoom);
  const int64_t years = axis.last.year() - axis.first.year();
  if (years >= 3) {
    const int64_t step = (years + count_max - 1) / count_max;
    for (int64_t year = axis.first.year() + 1; year <= axis.last.year(); year += step) ticks.emplace_back(year, 1, 1);
    return ticks;
  }
  const int64_t step = std::max<int64_t>(1, (axis.last - axis.first) / count_max);
  for (absl::CivilDay day = axis.first; day <= axis.last; day += step) ticks.push_back(day);
  return ticks;
}

std::string AxisOf(const TimeAxis& axis, int margin, const StrokeSet& strokes) {
  std::vector<std::string> line(axis.columns, strokes.axis_along);
  std::string labels;
  const bool years = axis.last.year() - axis.first.year() >= 3;
  for (const absl::CivilDay day : TicksOf(axis)) {
    const int column = axis.ColumnOf(day);
    const std::string label = years ? absl::StrCat(day.year()) : absl::FormatCivilTime(day);
    const int at = std::min(column, axis.columns - static_cast<int>(label.size()));
    if (at < 0 || (!labels.empty() && at <= static_cast<int>(labels.size()))) continue;
    line[column] = strokes.tick;
    labels.resize(at, ' ');
    labels += label;
  }
  std::string text = absl::StrCat(std::string(margin, ' '), strokes.corner);
  for (const std::string& cell : line) absl::StrAppend(&text, cell);
  return absl::StrCat(text, "\n", std::string(margin + 1, ' '), labels, "\n");
}

}  // namespace

std::string PlotStages(const std::vector<trust::v1::Transition>& transitions, const std::string& last_date,
                       const StagePlotForm& form) {
  TimeAxis axis;
  if (transitions.empty() || !ParseDay(last_date, &axis.last)) return "";
  std::vector<PlottedPath> paths;
  bool begun = false;
  for (const trust::v1::Transition& transition : transitions) {
    absl::CivilDay day;
    if (!ParseDay(transition.date(), &day)) return "";
    if (!begun || day < axis.first) axis.first = day;
    begun = true;
    const std::string name = Printable(DirectionInWords(transition.trustor(), transition.trustee()));
    auto found = std::find_if(paths.begin(), paths.end(), [&](const PlottedPath& path) { return path.name == name; });
    if (found == paths.end()) found = paths.insert(paths.end(), PlottedPath{name, {}});
    found->steps.emplace_back(day, std::clamp(static_cast<int>(transition.stage()), 0, kStages));
  }
  axis.last = std::max(axis.last, axis.first);
  int margin = 0;
  for (int stage = 1; stage <= kStages; ++stage)
    margin = std::max(margin, DisplayWidth(StageInWords(static_cast<trust::v1::Stage>(stage))));
  ++margin;
  axis.columns = std::max(form.width, kWidthMin) - margin - 1;
  const StrokeSet& strokes = form.utf8 ? kLineStrokes : kAsciiStrokes;
  std::string text;
  for (const PlottedPath& path : paths) {
    if (!text.empty()) text.push_back('\n');
    absl::StrAppend(&text, path.name, "\n");
    const std::vector<std::string> lines = GridOf(path, axis, strokes);
    for (int stage = kStages; stage >= 1; --stage) {
      const std::string label = StageInWords(static_cast<trust::v1::Stage>(stage));
      absl::StrAppend(&text, label, std::string(margin - DisplayWidth(label), ' '), strokes.axis,
                      lines[kStages - stage], "\n");
    }
    absl::StrAppend(&text, AxisOf(axis, margin, strokes));
  }
  return text;
}

}  // namespace trustctl
