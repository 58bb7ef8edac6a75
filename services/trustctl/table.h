// A table for people: aligned columns, UTF-8 aware. On a terminal the columns that may be wrapped are wrapped to fit
// and cells are coloured; elsewhere a row is one line of plain text. Columns in which nothing stands are left out. Not
// thread-safe.

#ifndef SERVICES_TRUSTCTL_TABLE_H_
#define SERVICES_TRUSTCTL_TABLE_H_

#include <string>
#include <utility>
#include <vector>

#include "services/trustctl/console.h"

namespace trustctl {

enum class Style { kPlain, kStrong, kFaint, kGood, kWarning, kBad };

// The text in the style's colour, when the console has colours. text is printed as it is.
std::string Styled(const Console& console, Style style, const std::string& text);

struct Cell {
  Cell() = default;
  // Implicit, because a text is a cell.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Cell(std::string text, Style style = Style::kPlain) : text(std::move(text)), style(style) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Cell(const char* text) : text(text) {}
  std::string text;
  Style style = Style::kPlain;
};

struct Column {
  std::string heading;
  bool right = false;   // Aligned to the right: numbers.
  bool wraps = false;   // May be broken into lines on a narrow terminal.
  bool spills = false;  // On a terminal that is too narrow for the table, stands below its row instead; the last first.
};

class Table {
 public:
  explicit Table(std::vector<Column> columns);

  // Adds a row; cells that are missing at its end are empty, and what is not printable is replaced.
  void Add(std::vector<Cell> cells);

  // Adds a line below the last row, indented and as wide as it likes.
  void AddNote(Cell note);

  // Prints what was added since the last call, under the headings when they were not printed yet or the columns have
  // changed. Columns keep at least the width they had, so that a table of any length can be printed in parts. Prints
  // nothing without rows.
  void Print(const Console& console);

  // The rows and notes that wait to be printed.
  size_t waiting() const { return rows_.size(); }

 private:
  // The width of each column; 0 for one that is left out or spills.
  std::vector<int> FittedWidths(const Console& console) const;
  void PrintRow(const Console& console, const std::vector<int>& widths, const std::vector<Cell>& cells) const;
  void PrintNote(const Console& console, const Cell& note) const;

  const std::vector<Column> columns_;
  std::vector<int> widths_;  // 0 for a column in which nothing stood so far.
  std::vector<bool> printed_headings_;
  std::vector<std::vector<Cell>> rows_;  // A note is a row of one cell.
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_TABLE_H_
