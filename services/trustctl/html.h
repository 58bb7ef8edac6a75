// HTML that is made in one way only: text becomes markup by being escaped, and markup grows out of elements. So nothing
// that a server stored can become an element, an attribute or a script. Pure; thread-safe.

#ifndef SERVICES_TRUSTCTL_HTML_H_
#define SERVICES_TRUSTCTL_HTML_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace trustctl {

// Markup that is well formed.
class Html {
 public:
  Html() = default;

  const std::string& markup() const { return markup_; }
  bool empty() const { return markup_.empty(); }
  // Appends more.
  void Add(const Html& more) { markup_ += more.markup_; }

 private:
  friend Html HtmlText(absl::string_view text);
  friend Html HtmlLines(absl::string_view text);
  friend Html HtmlElement(absl::string_view tag, const std::vector<std::pair<std::string, std::string>>& attributes,
                          const std::vector<Html>& content);
  explicit Html(std::string markup) : markup_(std::move(markup)) {}

  std::string markup_;
};

// Names and values; the names are ours, the values are escaped.
using HtmlAttributes = std::vector<std::pair<std::string, std::string>>;

// Text as it will be read: escaped, and printable as display_text.h has it, on one line.
Html HtmlText(absl::string_view text);
// The same with its line feeds, for a pre element.
Html HtmlLines(absl::string_view text);

// <tag attributes>content</tag>. tag and the names of attributes are ours, never a server's.
Html HtmlElement(absl::string_view tag, const HtmlAttributes& attributes, const std::vector<Html>& content);
// The same with one text for its content.
Html HtmlElement(absl::string_view tag, const HtmlAttributes& attributes, absl::string_view text);

// A table with a caption, as wide as it must be in a frame that scrolls by itself and can be reached by the keyboard.
// The first cell of a row is its heading; columns in which nothing stands are left out. Empty without rows.
Html HtmlTable(absl::string_view caption, const std::vector<std::string>& headings,
               const std::vector<std::vector<Html>>& rows);

// A part that is opened by hand, or by printing.
Html HtmlDetails(absl::string_view summary, bool open, const std::vector<Html>& content);

// JSON as the content of a script element: nothing in it ends the element or begins a comment.
std::string JsonForScript(absl::string_view json);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_HTML_H_
