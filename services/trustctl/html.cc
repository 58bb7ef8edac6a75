#include "services/trustctl/html.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "services/trustctl/display_text.h"

namespace trustctl {
namespace {

std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(Printable(text),
                             {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

// What is as short as a day or a score stays on one line.
constexpr size_t kShortCell = 16;

// A table with more columns takes smaller letters on paper.
constexpr size_t kColumnsOnPaper = 8;

// Elements that have no content and no end.
bool IsVoid(absl::string_view tag) { return tag == "meta" || tag == "br"; }

}  // namespace

Html HtmlText(absl::string_view text) { return Html(Escaped(text)); }

Html HtmlLines(absl::string_view text) {
  std::string markup;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    // A line feed directly behind <pre> is dropped by who reads it, so each line ends with one.
    absl::StrAppend(&markup, Escaped(line), "\n");
  }
  if (!markup.empty()) markup.pop_back();
  return Html(std::move(markup));
}

Html HtmlElement(absl::string_view tag, const HtmlAttributes& attributes, const std::vector<Html>& content) {
  std::string markup = absl::StrCat("<", tag);
  for (const auto& [name, value] : attributes) absl::StrAppend(&markup, " ", name, "=\"", Escaped(value), "\"");
  absl::StrAppend(&markup, ">");
  if (IsVoid(tag)) return Html(std::move(markup));
  for (const Html& part : content) absl::StrAppend(&markup, part.markup());
  absl::StrAppend(&markup, "</", tag, ">");
  // Lines of a readable length, where a line break means nothing.
  if (tag == "tr" || tag == "p" || tag == "section" || tag == "table" || tag == "li") markup.push_back('\n');
  return Html(std::move(markup));
}

Html HtmlElement(absl::string_view tag, const HtmlAttributes& attributes, absl::string_view text) {
  return HtmlElement(tag, attributes, std::vector<Html>{HtmlText(text)});
}

Html HtmlTable(absl::string_view caption, const std::vector<std::string>& headings,
               const std::vector<std::vector<Html>>& rows) {
  if (rows.empty()) return {};
  std::vector<bool> used(headings.size());
  for (const std::vector<Html>& row : rows) {
    for (size_t i = 0; i < row.size() && i < used.size(); ++i) {
      if (!row[i].empty()) used[i] = true;
    }
  }
  std::vector<Html> heads;
  for (size_t i = 0; i < headings.size(); ++i) {
    if (used[i]) heads.push_back(HtmlElement("th", {{"scope", "col"}}, headings[i]));
  }
  std::vector<Html> lines;
  for (const std::vector<Html>& row : rows) {
    std::vector<Html> cells;
    for (size_t i = 0; i < headings.size(); ++i) {
      if (!used[i]) continue;
      const Html cell = i < row.size() ? row[i] : Html();
      // A heading says something; without a text it is an ordinary cell.
      const bool heads_row = cells.empty() && !cell.empty();
      HtmlAttributes attributes;
      if (heads_row) attributes.emplace_back("scope", "row");
      if (!cell.empty() && cell.markup().size() <= kShortCell) attributes.emplace_back("class", "short");
      cells.push_back(HtmlElement(heads_row ? "th" : "td", attributes, std::vector<Html>{cell}));
    }
    lines.push_back(HtmlElement("tr", {}, cells));
  }
  HtmlAttributes width;
  if (heads.size() > kColumnsOnPaper) width.emplace_back("class", "wide");
  return HtmlElement(
      "div",
      {{"class", "scroll"}, {"tabindex", "0"}, {"role", "group"}, {"aria-label", absl::StrCat("Table: ", caption)}},
      {HtmlElement("table", width,
                   {HtmlElement("caption", {}, caption),
                    HtmlElement("thead", {}, std::vector<Html>{HtmlElement("tr", {}, heads)}),
                    HtmlElement("tbody", {}, lines)})});
}

Html HtmlDetails(absl::string_view summary, bool open, const std::vector<Html>& content) {
  std::vector<Html> parts = {HtmlElement("summary", {}, summary)};
  parts.insert(parts.end(), content.begin(), content.end());
  HtmlAttributes attributes;
  if (open) attributes.emplace_back("open", "");
  return HtmlElement("details", attributes, parts);
}

std::string JsonForScript(absl::string_view json) {
  // Outside of strings JSON has none of these, and within one the escape means the same.
  return absl::StrReplaceAll(
      json,
      {{"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}, {"\xE2\x80\xA8", "\\u2028"}, {"\xE2\x80\xA9", "\\u2029"}});
}

}  // namespace trustctl
