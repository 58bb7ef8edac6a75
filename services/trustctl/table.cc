#include "services/trustctl/table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/trustctl/display_text.h"

namespace trustctl {
namespace {

constexpr int kGap = 2;
constexpr int kNoteIndent = 6;
constexpr int kWrappedWidthMin = 12;
constexpr int kWrappedWidthGood = 30;  // Columns that spill make room for this much.

const char* EscapeOf(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kStrong:
      return "\033[1m";
    case Style::kFaint:
      return "\033[2m";
    case Style::kGood:
      return "\033[32m";
    case Style::kWarning:
      return "\033[33m";
    case Style::kBad:
      return "\033[31m";
  }
  return "";
}

}  // namespace

std::string Styled(const Console& console, Style style, const std::string& text) {
  if (!console.color || style == Style::kPlain || text.empty()) return text;
  return absl::StrCat(EscapeOf(style), text, "\033[0m");
}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)), widths_(columns_.size(), 0) {}

void Table::Add(std::vector<Cell> cells) {
  cells.resize(columns_.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    cells[i].text = Printable(cells[i].text);
    if (cells[i].text.empty()) continue;
    widths_[i] = std::max({widths_[i], DisplayWidth(columns_[i].heading), DisplayWidth(cells[i].text)});
  }
  rows_.push_back(std::move(cells));
}

void Table::AddNote(Cell note) {
  note.text = Printable(note.text);
  rows_.push_back({std::move(note)});
}

void Table::Print(const Console& console) {
  if (rows_.empty()) return;
  const std::vector<int> widths = FittedWidths(console);
  std::vector<bool> headings;
  for (int width : widths) headings.push_back(width > 0);
  if (headings != printed_headings_) {
    std::vector<Cell> cells;
    for (const Column& column : columns_) cells.emplace_back(column.heading, Style::kStrong);
    PrintRow(console, widths, cells);
    printed_headings_ = headings;
  }
  for (const std::vector<Cell>& cells : rows_) {
    if (cells.size() != columns_.size()) {
      PrintNote(console, cells[0]);
      continue;
    }
    PrintRow(console, widths, cells);
    Cell spilt;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (widths[i] > 0 || cells[i].text.empty()) continue;
      absl::StrAppend(&spilt.text, spilt.text.empty() ? "" : "; ", columns_[i].heading, ": ", cells[i].text);
    }
    spilt.style = Style::kFaint;
    if (!spilt.text.empty()) PrintNote(console, spilt);
  }
  rows_.clear();
}

std::vector<int> Table::FittedWidths(const Console& console) const {
  std::vector<int> widths = widths_;
  if (console.width == 0) return widths;
  // The width of the table when no column that wraps takes more than wrapped_max.
  const auto total = [&](int wrapped_max) {
    int sum = -kGap;
    for (size_t i = 0; i < widths.size(); ++i) {
      const int width = columns_[i].wraps ? std::min(widths[i], wrapped_max) : widths[i];
      sum += width == 0 ? 0 : width + kGap;
    }
    return sum;
  };
  for (size_t i = widths.size(); i-- > 0 && total(kWrappedWidthGood) > console.width;) {
    if (columns_[i].spills) widths[i] = 0;
  }
  while (total(console.width) > console.width) {
    int widest = -1;
    for (size_t i = 0; i < widths.size(); ++i) {
      if (columns_[i].wraps && widths[i] > kWrappedWidthMin && (widest < 0 || widths[i] > widths[widest])) {
        widest = static_cast<int>(i);
      }
    }
    if (widest < 0) break;
    --widths[widest];
  }
  return widths;
}

void Table::PrintNote(const Console& console, const Cell& note) const {
  const std::string indent(kNoteIndent, ' ');
  const int width = console.width == 0 ? DisplayWidth(note.text) : console.width - kNoteIndent;
  for (const std::string& line : Wrap(note.text, std::max(width, kWrappedWidthMin))) {
    console.out << indent << Styled(console, note.style, line) << "\n";
  }
}

void Table::PrintRow(const Console& console, const std::vector<int>& widths, const std::vector<Cell>& cells) const {
  std::vector<std::vector<std::string>> lines(cells.size());
  size_t height = 1;
  size_t last = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (widths[i] == 0) continue;
    const bool fits = DisplayWidth(cells[i].text) <= widths[i];
    lines[i] = fits ? std::vector<std::string>{cells[i].text} : Wrap(cells[i].text, widths[i]);
    height = std::max(height, lines[i].size());
  }
  for (size_t line = 0; line < height; ++line) {
    for (size_t i = 0; i < cells.size(); ++i) {
      if (line < lines[i].size() && !lines[i][line].empty()) last = i;
    }
    std::string text;
    for (size_t i = 0; i <= last; ++i) {
      if (widths[i] == 0) continue;
      const std::string part = line < lines[i].size() ? lines[i][line] : "";
      const std::string padding(widths[i] - DisplayWidth(part), ' ');
      if (!text.empty()) text.append(kGap, ' ');
      if (columns_[i].right) text += padding;
      text += Styled(console, cells[i].style, part);
      if (!columns_[i].right && i != last) text += padding;
    }
    console.out << text << "\n";
    last = 0;
  }
}

}  // namespace trustctl
