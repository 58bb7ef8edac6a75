#include "services/trustctl/report_page.h"

#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/trustctl/html.h"
#include "services/trustctl/report_assets.h"
#include "services/trustctl/report_words.h"

namespace trustctl {
namespace {

std::string SourceOf(absl::string_view sha256) {
  std::string bytes;
  for (; !sha256.empty(); sha256.remove_prefix(2)) {
    uint32_t byte = 0;
    (void)absl::SimpleHexAtoi(sha256.substr(0, 2), &byte);  // The digits are the build's own.
    bytes.push_back(static_cast<char>(byte));
  }
  return absl::StrCat("'sha256-", absl::Base64Escape(bytes), "'");
}

std::string SecurityPolicy() {
  return absl::StrCat("default-src 'none'; script-src ", SourceOf(kReportLibrarySha256), " ",
                      SourceOf(kReportScriptSha256), "; style-src ", SourceOf(kReportStyleSha256),
                      "; base-uri 'none'; form-action 'none'");
}

}  // namespace

std::string ReportPage(const std::string& title, const std::string& subtitle,
                       const std::vector<ReportSection>& sections, absl::string_view chart_data) {
  std::vector<Html> contents;
  Html body;
  for (const ReportSection& section : sections) {
    contents.push_back(
        HtmlElement("li", {}, {HtmlElement("a", {{"href", absl::StrCat("#", section.id)}}, section.heading)}));
    body.Add(HtmlElement(
        "section", {{"id", section.id}, {"aria-labelledby", absl::StrCat(section.id, "-heading")}},
        {HtmlElement("h2", {{"id", absl::StrCat(section.id, "-heading")}}, section.heading), section.content}));
  }
  const Html head[] = {
      HtmlElement("meta", {{"charset", "utf-8"}}, ""),
      HtmlElement("meta", {{"http-equiv", "Content-Security-Policy"}, {"content", SecurityPolicy()}}, ""),
      HtmlElement("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}, ""),
      HtmlElement("meta", {{"name", "color-scheme"}, {"content", "light dark"}}, ""),
      HtmlElement("meta", {{"name", "referrer"}, {"content", "no-referrer"}}, ""),
      HtmlElement("title", {}, title)};
  // The library and what it draws belong to the page; what is licensed says so in it.
  const Html licence = HtmlDetails(
      "Licence of the library that draws the charts", false,
      {Paragraph("The charts are drawn by D3, which this page contains."),
       HtmlElement("pre", {{"class", "scroll"}, {"tabindex", "0"}, {"role", "group"}, {"aria-label", "Licence"}},
                   std::vector<Html>{HtmlLines(kReportLicence)})});
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n";
  for (const Html& part : head) absl::StrAppend(&page, part.markup(), "\n");
  absl::StrAppend(
      &page, "<style>", kReportStyle, "</style>\n</head>\n<body>\n",
      HtmlElement("a", {{"class", "skip"}, {"href", "#main"}}, "Skip to the report").markup(), "\n",
      HtmlElement("header", {}, {HtmlElement("h1", {}, title), HtmlElement("p", {{"class", "subtitle"}}, subtitle)})
          .markup(),
      "\n", HtmlElement("nav", {{"aria-label", "Contents"}}, {HtmlElement("ul", {}, contents)}).markup(), "\n",
      HtmlElement("main", {{"id", "main"}, {"tabindex", "-1"}}, {body}).markup(), "\n",
      HtmlElement("footer", {},
                  {Paragraph("What a policy makes of a record: policy, not measurement. Made by trustctl "
                             "report; the page needs no network and sends nothing."),
                   licence})
          .markup(),
      "\n");
  absl::StrAppend(&page, "<script type=\"application/json\" id=\"report-data\">", JsonForScript(chart_data),
                  "</script>\n<script>", kReportLibrary, "</script>\n<script>", kReportScript,
                  "</script>\n</body>\n</html>\n");
  return page;
}

}  // namespace trustctl
